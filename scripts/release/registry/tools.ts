import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../manifests.js';
import { npm } from '../npm.js';

const folder = join(repository, 'build', 'registry-tools');

/** The registry, the package managers and a second Node. They are hundreds of packages, so `npm ci` brings none of them. */
const manifest = {
	private: true,
	dependencies: {
		verdaccio: '6.10.4',
		node24: `npm:node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}@24.21.0`,
		npm11: 'npm:npm@11.21.2',
		npm12: 'npm:npm@12.2.1',
		pnpm10: 'npm:pnpm@10.34.9',
		pnpm12: 'npm:pnpm@12.21.0',
		yarn1: 'npm:yarn@1.22.22',
		yarn4: 'npm:@yarnpkg/cli-dist@4.18.1',
		bun: `npm:@oven/bun-${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch === 'arm64' ? 'aarch64' : `${process.arch}-baseline`}@1.4.5`,
		esbuild: '0.28.2',
		webpack: '5.113.0',
		vite: '8.3.8',
	},
	// verdaccio asks for the tag "cjs" of it, and not every mirror keeps tags.
	overrides: { 'node-fetch': '2.7.0' },
};

/** Installs the tools, unless they are there from an earlier run. */
export function installTools(): void {
	const text = JSON.stringify(manifest);
	const done = join(folder, 'installed.json');
	if (existsSync(done) && readFileSync(done, 'utf8') === text) return;
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'package.json'), text);
	npm(['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], folder);
	writeFileSync(done, text);
}

export const tool = (path: string): string => join(folder, 'node_modules', path);

/** Node 24, which verdaccio and npm 12 need. */
export const node24 = tool('node24/bin/node');

export interface Outcome {
	readonly status: number | null;
	readonly stdout: string;
	readonly stderr: string;
	readonly seconds: number;
}

/** Runs a program and waits for it. */
export function runTool(
	command: string,
	args: readonly string[],
	cwd: string,
	env: NodeJS.ProcessEnv,
	mostSeconds = 240,
): Outcome {
	const begun = performance.now();
	const { status, stdout, stderr, error } = spawnSync(command, args, {
		cwd,
		env,
		encoding: 'utf8',
		timeout: mostSeconds * 1000,
		maxBuffer: 2 ** 26,
	});
	if (error) throw error;
	return { status, stdout, stderr, seconds: (performance.now() - begun) / 1000 };
}
