export default function DomainsPage() { return null; }
