export default function TryPage() { return null; }
