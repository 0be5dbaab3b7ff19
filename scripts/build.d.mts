import type { StdioOptions } from 'node:child_process';

export function configuration(env?: NodeJS.ProcessEnv): { folder: string; definitions: string[] };
export function build(options?: {
	targets?: string[];
	env?: NodeJS.ProcessEnv;
	stdio?: StdioOptions;
}): string;
