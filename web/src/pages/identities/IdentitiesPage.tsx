export default function IdentitiesPage() { return null; }
