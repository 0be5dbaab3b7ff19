export function backendDefinitions(env?: NodeJS.ProcessEnv): string[];
export function build(options?: { targets?: string[]; env?: NodeJS.ProcessEnv }): string;
