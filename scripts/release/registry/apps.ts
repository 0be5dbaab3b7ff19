import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../../lib/cli/cache-folder.js';
import { fences } from '../../../test/support/fences.js';
import { repository } from '../manifests.js';
import type { Registry } from './server.js';
import { node24, type Outcome, runTool, tool } from './tools.js';

/** A package manager, as a user has it. */
export interface Manager {
	readonly name: string;
	/** The Node that programs run on. */
	readonly node: string;
	/** Its own file: a script for that Node, or a program. */
	readonly script: string;
	/** Installs a package into an empty folder, without any install script. */
	readonly add: readonly string[];
	/** The same without optional packages, and what the loader says then. */
	readonly addWithoutOptional: readonly string[] | null;
	readonly saidWithoutOptional?: RegExp;
	/** Configuration that lies in the app's folder. */
	files(registry: Registry): Readonly<Record<string, string>>;
	/** Yarn's Plug'n'Play needs its loader. */
	readonly nodeFlags: readonly string[];
}

const node20 = process.execPath;
const none = () => ({});
const quiet = ['--no-audit', '--no-fund', '--ignore-scripts'];
const omit = '--omit=optional';

const npmManager = (name: string, node: string): Manager => ({
	...{ name, node, script: tool(`${name}/bin/npm-cli.js`), files: none, nodeFlags: [] },
	add: ['install', ...quiet, 'reprise'],
	addWithoutOptional: ['install', ...quiet, omit, 'reprise'],
	saidWithoutOptional:
		/though package-lock\.json names it.*--omit=optional.*: npm (install --include=optional)/,
});

const pnpmManager = (name: string, node: string, script: string): Manager => ({
	...{ name, node, script: tool(`${name}/bin/${script}`), nodeFlags: [] },
	add: ['add', '--ignore-scripts', 'reprise'],
	addWithoutOptional: ['add', '--ignore-scripts', '--no-optional', 'reprise'],
	saidWithoutOptional: /optional packages are left out \(--no-optional.*: pnpm (install --force)/,
	// pnpm may be told to wait until a version is some days old.
	files: () => ({ 'pnpm-workspace.yaml': 'minimumReleaseAge: 0\n' }),
});

const yarnManager = (linker: 'node-modules' | 'pnp', nodeFlags: readonly string[]): Manager => ({
	...{ name: `yarn4 ${linker}`, node: node20, script: tool('yarn4/bin/yarn.js'), nodeFlags },
	add: ['add', 'reprise'],
	addWithoutOptional: null,
	files: ({ url }) => ({
		'.yarnrc.yml': [
			`nodeLinker: ${linker}`,
			`npmRegistryServer: '${url}'`,
			"unsafeHttpWhitelist: ['127.0.0.1']",
			'enableScripts: false',
			'enableTelemetry: false',
			'enableGlobalCache: false',
			'npmMinimalAgeGate: 0',
			'',
		].join('\n'),
		'yarn.lock': '',
	}),
});

const yarn1: Manager = {
	...{ name: 'yarn1', node: node20, script: tool('yarn1/bin/yarn.js'), nodeFlags: [] },
	add: ['add', '--ignore-scripts', 'reprise'],
	addWithoutOptional: ['add', '--ignore-scripts', '--ignore-optional', 'reprise'],
	saidWithoutOptional: /though yarn\.lock names it.*--ignore-optional.*: yarn (install --force)/,
	files: ({ url }) => ({ '.yarnrc': `registry "${url}"\n` }),
};

const bun: Manager = {
	...{ name: 'bun', node: node20, script: tool('bun/bin/bun'), nodeFlags: [] },
	add: ['add', '--ignore-scripts', 'reprise'],
	addWithoutOptional: ['add', '--ignore-scripts', omit, 'reprise'],
	saidWithoutOptional: /though bun\.lock names it.*--omit=optional.*: bun (install --force)/,
	files: ({ url }) => ({ 'bunfig.toml': `[install]\nregistry = "${url}"\n` }),
};

export const managers: readonly Manager[] = [
	npmManager('npm11', node20),
	npmManager('npm12', node24),
	pnpmManager('pnpm10', node20, 'pnpm.cjs'),
	pnpmManager('pnpm12', node24, 'pnpm.mjs'),
	bun,
	yarn1,
	yarnManager('node-modules', []),
	yarnManager('pnp', ['--require', './.pnp.cjs', '--loader', './.pnp.loader.mjs', '--no-warnings']),
];

/** A folder with a package manifest and nothing else, and how programs run in it. */
export class App {
	readonly folder: string;
	readonly #manager: Manager;
	readonly #env: NodeJS.ProcessEnv;

	constructor(base: string, name: string, manager: Manager, registry: Registry) {
		this.folder = join(base, name.replace(' ', '-'));
		this.#manager = manager;
		const home = join(this.folder, '..', `${name.replace(' ', '-')}-home`);
		for (const folder of [this.folder, home]) mkdirSync(folder, { recursive: true });
		const files = { ...manager.files(registry), 'package.json': '{ "private": true }' };
		for (const [file, text] of Object.entries(files)) writeFileSync(join(this.folder, file), text);
		this.#env = {
			...{ PATH: bareBones(home, manager.node), HOME: home, XDG_CACHE_HOME: join(home, '.cache') },
			...{ npm_config_userconfig: registry.npmrc, npm_config_cache: join(home, '.npm'), CI: 'true' },
		};
	}

	manage(args: readonly string[]): Outcome {
		const { node, script } = this.#manager;
		return /\.[cm]?js$/.test(script)
			? runTool(node, [script, ...args], this.folder, this.#env)
			: runTool(script, args, this.folder, this.#env);
	}

	/** The same with all programs of this machine, and its cache of llama.cpp's source. */
	manageWithTools(args: readonly string[]): Outcome {
		const { node, script } = this.#manager;
		const env = { ...this.#env, PATH: process.env.PATH, REPRISE_CACHE: cacheFolder() };
		return runTool(node, [script, ...args], this.folder, env, 45 * 60);
	}

	node(args: readonly string[]): Outcome {
		const { node, nodeFlags } = this.#manager;
		return runTool(node, [...nodeFlags, ...args], this.folder, this.#env);
	}
}

/** A folder for PATH with Node and what the shell scripts of package managers use: no compiler, no CMake, no git. */
function bareBones(home: string, node: string): string {
	const folder = join(home, 'bin');
	mkdirSync(folder, { recursive: true });
	symlinkSync(node, join(folder, 'node'));
	for (const program of ['sh', 'dirname', 'sed', 'uname', 'cat'])
		symlinkSync(join('/bin', program), join(folder, program));
	return folder;
}

/** Programs of an app: the README's first sample, and one each by `import` and `require` that runs all entries. */
export function writePrograms({ folder }: App): void {
	copyFileSync(join(repository, 'models', 'tiny-edit-1m.gguf'), join(folder, 'model.gguf'));
	const sample = fences('README.md').find(({ language }) => language === 'js');
	if (!sample) throw new Error('README.md has no sample');
	writeFileSync(join(folder, 'first.mjs'), sample.code);
	const load = ['reprise', 'reprise/correct', 'reprise/verifiers', 'reprise/ai-sdk'];
	const imports = load.map((name) => `await import('${name}')`).join(', ');
	const requires = load.map((name) => `require('${name}')`).join(', ');
	writeFileSync(join(folder, 'entries.mjs'), `const entries = [${imports}];\n${useEntries}`);
	writeFileSync(
		join(folder, 'entries.cjs'),
		`(async () => {\nconst entries = [${requires}];\n${useEntries}})();\n`,
	);
	writeFileSync(join(folder, 'load.mjs'), loadOnly);
	writeFileSync(join(folder, 'where.mjs'), `${loadOnly}${tellFile}`);
}

/** What `entries.mjs` and `entries.cjs` print. */
export const entriesPrint = 'CPU 5 pass fail function';

const useEntries = `
const [{ devices, loadModel }, { correct }, { javascript }] = entries;
const model = await loadModel('model.gguf');
const session = await model.createSession({ contextLength: 64, threads: 1 });
const { tokens } = await session.generate('Every', { maxTokens: 5 }).result;
await session.dispose();
await model.dispose();
const { backends } = await devices();
const verifier = javascript();
const program = (code) => \`\\\`\\\`\\\`js\\n\${code}\\n\\\`\\\`\\\`\`;
const task = { id: 'sum', prompt: 'Add 2 and 3.', answer: '5' };
const outcomes = [];
for (const code of ['console.log(2 + 3)', 'console.log(2 - 3)'])
	outcomes.push((await verifier(program(code), { task })).outcome);
await verifier.dispose();
console.log(backends.includes('CPU') ? 'CPU' : backends, tokens.length, outcomes.join(' '), typeof correct);
`;

const loadOnly = `
import { devices } from 'reprise';
await devices().catch((error) => console.log(error.code, error.message));
`;

/** Prints the path of the addon that was loaded. */
const tellFile = `
const { sharedObjects } = process.report.getReport();
console.log(sharedObjects.find((path) => path.endsWith('reprise.node')));
`;
