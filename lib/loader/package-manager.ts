import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type PackageManagerName = 'npm' | 'pnpm' | 'yarn' | 'yarn-classic' | 'bun';

/** Who installed an app's packages, and what it was told. */
export interface PackageManager {
	readonly name: PackageManagerName;
	/** The folder of the app: the lock file's, or else the one that holds the outermost `node_modules`. */
	readonly folder: string;
	/** The lock file's name, and its text; missing where there is none. */
	readonly lock?: { readonly name: string; readonly text: string };
	/** How optional packages were left out, in words; missing where no setting says so. */
	readonly leavesOut?: string;
}

/** The commands of each package manager that matter to somebody without an addon. */
export const commands: Readonly<Record<PackageManagerName, { install: string; run: string }>> = {
	npm: { install: 'npm install --include=optional', run: 'npx reprise' },
	pnpm: { install: 'pnpm install --force', run: 'pnpm exec reprise' },
	yarn: { install: 'yarn install', run: 'yarn reprise' },
	'yarn-classic': { install: 'yarn install --force', run: 'yarn reprise' },
	bun: { install: 'bun install --force', run: 'bunx reprise' },
};

/** What only one package manager leaves behind, surest first: what it installed, then what it locked. */
const traces: ReadonlyArray<readonly [path: string, name: PackageManagerName]> = [
	['.pnp.cjs', 'yarn'],
	['node_modules/.yarn-state.yml', 'yarn'],
	['node_modules/.yarn-integrity', 'yarn-classic'],
	['node_modules/.modules.yaml', 'pnpm'],
	['node_modules/.package-lock.json', 'npm'],
	['pnpm-lock.yaml', 'pnpm'],
	['bun.lock', 'bun'],
	['bun.lockb', 'bun'],
	['package-lock.json', 'npm'],
	['npm-shrinkwrap.json', 'npm'],
];

const locks: Readonly<Record<PackageManagerName, readonly string[]>> = {
	npm: ['package-lock.json', 'npm-shrinkwrap.json'],
	pnpm: ['pnpm-lock.yaml'],
	yarn: ['yarn.lock'],
	'yarn-classic': ['yarn.lock'],
	bun: ['bun.lock'],
};

/**
 * The package manager of the app that `from` (a package's folder) lies in: by what it left in the folders above, or
 * else by what has started this process, or else npm.
 */
export function packageManagerOf(from: string, env: NodeJS.ProcessEnv): PackageManager {
	const app = appFolder(from);
	for (let folder = app; ; folder = dirname(folder)) {
		const name = nameIn(folder);
		if (name) return describe(name, folder, env);
		if (folder === dirname(folder)) break;
	}
	return describe(nameFromAgent(env.npm_config_user_agent), app, env);
}

/** The folder above the outermost `node_modules`: stores of pnpm and folders of workspaces have more of them below. */
function appFolder(from: string): string {
	const [before = from] = from.split(/[\\/](?:node_modules|\.yarn|\.pnp)(?=[\\/]|$)/);
	return before === '' ? dirname(from) : before;
}

function nameIn(folder: string): PackageManagerName | undefined {
	const found = traces.find(([path]) => existsSync(join(folder, path)));
	if (found) return found[1];
	const lock = read(join(folder, 'yarn.lock'));
	if (lock === undefined) return undefined;
	return /^__metadata:/m.test(lock) ? 'yarn' : 'yarn-classic';
}

/** `npm/11.19.1 node/v20.20.2 linux x64`: what `npm start` and the like put into the environment. */
function nameFromAgent(agent: string | undefined): PackageManagerName {
	const [, name, major] = /^(npm|pnpm|yarn|bun)\/(\d+)/.exec(agent ?? '') ?? [];
	if (name === 'yarn') return Number(major) > 1 ? 'yarn' : 'yarn-classic';
	return (name as PackageManagerName | undefined) ?? 'npm';
}

function describe(name: PackageManagerName, folder: string, env: NodeJS.ProcessEnv): PackageManager {
	const leavesOut = whatLeavesOut(name, folder, env);
	for (const file of locks[name]) {
		const text = read(join(folder, file));
		if (text !== undefined)
			return { name, folder, lock: { name: file, text }, ...(leavesOut && { leavesOut }) };
	}
	return { name, folder, ...(leavesOut && { leavesOut }) };
}

/** The setting that leaves optional packages out; a flag of the command line leaves no trace but with pnpm. */
function whatLeavesOut(name: PackageManagerName, folder: string, env: NodeJS.ProcessEnv): string | undefined {
	if (name === 'pnpm') {
		// JSON or YAML, by version: what was included when these packages were installed.
		const modules = read(join(folder, 'node_modules', '.modules.yaml')) ?? '';
		if (/"?optionalDependencies"?:\s*false/.test(modules)) return '--no-optional or optional=false';
	}
	const npmrc = read(join(folder, '.npmrc')) ?? '';
	if (name === 'npm' || name === 'pnpm') {
		if (/^\s*omit(\[\])?\s*=.*\boptional\b/m.test(npmrc)) return 'omit=optional in .npmrc';
		if (/^\s*optional\s*=\s*false\b/m.test(npmrc)) return 'optional=false in .npmrc';
		if (/\boptional\b/.test(env.npm_config_omit ?? env.NPM_CONFIG_OMIT ?? ''))
			return 'omit=optional in the environment';
	}
	const yarnrc = read(join(folder, '.yarnrc')) ?? '';
	if (name === 'yarn-classic' && /^\s*--(install\.|add\.)?ignore-optional\s+true/m.test(yarnrc))
		return '--ignore-optional in .yarnrc';
	if (name === 'bun' && /^\s*optional\s*=\s*false\b/m.test(read(join(folder, 'bunfig.toml')) ?? ''))
		return 'optional = false in bunfig.toml';
	return undefined;
}

function read(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
}
