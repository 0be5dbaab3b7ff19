export const llamaCommit: string;
export function llamaSourceDir(): string;
export function fetchLlama(): string;
