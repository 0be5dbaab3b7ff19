import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fences } from '../../../test/support/fences.js';
import { type Outcome, runTool, tool } from './tools.js';

type Check = (what: string, holds: boolean, seen: string | Outcome) => void;

/** The page's samples of configuration are what is tested. */
function sample(heading: RegExp): string {
	const found = fences('docs/bundlers.md').find(({ code }) => heading.test(code));
	if (!found) throw new Error(`docs/bundlers.md has no sample with ${heading}`);
	return found.code;
}

/** Each with the page's configuration, the same with reprise in the bundle, and how it is run. */
const bundlers = () => [
	{
		name: 'esbuild',
		config: 'esbuild.mjs',
		code: sample(/from 'esbuild'/),
		bundled: (code: string) => code.replace(/external: .*/, ''),
		commonJs: true,
		args: ['esbuild.mjs'],
	},
	{
		name: 'webpack',
		config: 'webpack.config.mjs',
		code: sample(/externals/),
		args: ['webpack.mjs'],
	},
	{
		name: 'Vite',
		config: 'vite.config.mjs',
		code: sample(/from 'vite'/),
		bundled: (code: string) => code.replace(/external: .*/, 'noExternal: true },'),
		args: [tool('vite/bin/vite.js'), 'build', '--config', 'vite.config.mjs'],
	},
];

const app = `import { devices } from 'reprise';
devices().then(({ backends }) => console.log(backends.includes('CPU')), (error) => console.log(error.message));
`;

/** The configuration where the app is CommonJS, in which no module has a URL. */
const asCommonJs = (code: string) =>
	code
		.replace(/external: .*/, '')
		.replace("'esm'", "'cjs'")
		.replace('dist/main.mjs', 'dist/main.cjs');

/** webpack's command line is a package of its own. */
const webpackRunner = `import webpack from 'webpack';
import config from './webpack.config.mjs';
webpack(config, (error, stats) => {
	if (error || stats.hasErrors()) throw error ?? new Error(stats.toString());
});
`;

/** Builds an app in whose folder reprise is installed: as docs/bundlers.md says, and with reprise in the bundle. */
export function testBundlers(folder: string, check: Check): void {
	mkdirSync(join(folder, 'src'), { recursive: true });
	writeFileSync(join(folder, 'src', 'main.mjs'), app);
	writeFileSync(join(folder, 'webpack.mjs'), webpackRunner);
	for (const name of ['esbuild', 'webpack', 'vite'])
		symlinkSync(tool(name), join(folder, 'node_modules', name), 'junction');
	const run = (args: readonly string[]) => runTool(process.execPath, args, folder, process.env);
	for (const { name, config, code, bundled, commonJs, args } of bundlers()) {
		writeFileSync(join(folder, config), code);
		const built = run(args);
		check(`${name} builds with reprise outside`, built.status === 0, built);
		const ran = run([join('dist', 'main.mjs')]);
		check(`${name}: the app runs`, ran.stdout === 'true\n', ran);
		if (bundled === undefined) continue;
		writeFileSync(join(folder, config), bundled(code));
		const whole = run(args);
		check(`${name} builds with reprise inside`, whole.status === 0, whole);
		const refused = run([join('dist', 'main.mjs')]);
		check(`${name}: the app says that reprise is inside`, refused.stdout.includes(saidInside), refused);
		if (!commonJs) continue;
		writeFileSync(join(folder, config), asCommonJs(code));
		run(args);
		const again = run([join('dist', 'main.cjs')]);
		check(`${name}: the app says so as CommonJS, too`, again.stdout.includes(saidInside), again);
	}
}

const saidInside = 'because a bundler has put reprise into';
