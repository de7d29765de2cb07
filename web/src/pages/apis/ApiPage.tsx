export default function ApiPage({ api }: { api: string }) { return <>{api}</>; }
