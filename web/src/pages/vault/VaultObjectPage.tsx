export default function VaultObjectPage(p: { vault: string; kind: string; name: string }) { return <>{p.name}</>; }
