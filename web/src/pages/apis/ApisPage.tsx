export default function ApisPage() { return null; }
