export default function PolicyPage({ api, operation }: { api: string; operation: string }) { return <>{api}{operation}</>; }
