export default function AuthoritiesPage() { return null; }
