export const carrier: string;
export const llamaCommit: string;
export function llamaSourceDir(others?: readonly string[]): string;
export function fetchLlama(others?: readonly string[]): string;
