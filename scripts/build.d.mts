export function configuration(env?: NodeJS.ProcessEnv): { folder: string; definitions: string[] };
export function build(options?: { targets?: string[]; env?: NodeJS.ProcessEnv }): string;
