import type { ExecFileSyncOptions } from 'node:child_process';

export interface Machine {
	platform: NodeJS.Platform;
	arch: NodeJS.Architecture;
}
export function configuration(
	env?: NodeJS.ProcessEnv,
	host?: Machine,
): {
	folder: string;
	config: 'Debug' | 'Release';
	target: Machine & { cross: boolean };
	definitions: string[];
};
export function runQuietly(
	program: string,
	args: readonly string[],
	options?: Pick<ExecFileSyncOptions, 'env'>,
): void;
export function build(options?: { targets?: string[]; env?: NodeJS.ProcessEnv; quiet?: boolean }): string;
