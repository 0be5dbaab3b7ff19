import type { ExecFileSyncOptions } from 'node:child_process';

export function configuration(env?: NodeJS.ProcessEnv): {
	folder: string;
	config: 'Debug' | 'Release';
	definitions: string[];
};
export function runQuietly(
	program: string,
	args: readonly string[],
	options?: Pick<ExecFileSyncOptions, 'env'>,
): void;
export function build(options?: { targets?: string[]; env?: NodeJS.ProcessEnv; quiet?: boolean }): string;
