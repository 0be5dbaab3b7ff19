import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { embeddedModel } from './support/models.js';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Programs in a folder of the package reach it by its name. */
const folder = join(root, 'build', 'package-test');
beforeAll(() => mkdirSync(folder, { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program that depends on the built package: `entry('reprise')` loads an entry the way `kind` does it. */
function run(kind: 'module' | 'commonjs', code: string, flags: readonly string[] = []): string {
	const entry = kind === 'module' ? '(name) => import(name)' : '(name) => Promise.resolve(require(name))';
	const program = `const entry = ${entry};\n(async () => { ${code} })();`;
	const { stdout, stderr, status } = spawnSync(
		process.execPath,
		[...flags, `--input-type=${kind}`, '--eval', program],
		{ cwd: root, encoding: 'utf8' },
	);
	expect({ stderr, status }, stdout).toEqual({ stderr: '', status: 0 });
	return stdout;
}

const generate = `
	const { loadModel, loadTokenizer, RepriseError } = await entry('reprise');
	const model = await loadModel(${JSON.stringify(embeddedModel)});
	const session = await model.createSession({ contextLength: 64, threads: 1 });
	const { tokens } = await session.generate('Every', { maxTokens: 5 }).result;
	const error = await loadTokenizer('package.json').catch((reason) => reason);
	console.log(tokens.length, error instanceof RepriseError, error.code);
	await session.dispose();
`;

describe.each([
	['imported as ES modules', 'module'],
	['required from CommonJS', 'commonjs'],
] as const)('the built package, its entries %s,', (_, kind) => {
	test('generates, and finds its worker', () => {
		expect(run(kind, generate)).toBe('5 true TOKENIZER_INVALID\n');
	});

	test('has one class of errors and one addon, whichever entry uses them', () => {
		const code = `
			const { correct, verifierGuided } = await entry('reprise/correct');
			const { exact, JavaScriptSandbox, command } = await entry('reprise/verifiers');
			const { createReprise } = await entry('reprise/ai-sdk');
			const { loadModel, RepriseError } = await entry('reprise');
			const thrownBy = (call) => { try { call(); } catch (error) { return error; } };
			const errors = [
				thrownBy(() => correct({}, null, verifierGuided())),
				thrownBy(() => command(3)),
				thrownBy(() => exact()('5', { task: { id: 'a', prompt: 'b' } })),
				thrownBy(() => createReprise(3)),
				await loadModel('no.gguf').catch((reason) => reason),
			];
			console.log(errors.map((error) => [error.code, error instanceof RepriseError]).join(' '));
			await new JavaScriptSandbox().dispose();
			const model = await loadModel(${JSON.stringify(embeddedModel)});
			const session = await model.createSession({ contextLength: 256, threads: 1 });
			const task = { id: 'a', prompt: 'Mara found a lantern.', answer: '5' };
			const options = { verifier: exact(), budget: { rounds: 1 }, generate: { maxTokens: 4 } };
			const { events } = await correct(session, task, verifierGuided(), options).result;
			console.log(events.map(({ type }) => type).join(' '));
			await session.dispose();
		`;
		expect(run(kind, code)).toBe(
			'OPTION_INVALID,true OPTION_INVALID,true OPTION_INVALID,true OPTION_INVALID,true MODEL_NOT_FOUND,true\n' +
				'attempt verdict decision result\n',
		);
	});
});

test.each(['.js', '.cjs'])('no source is in two files of the entries that end in %s', (extension) => {
	const dist = join(root, 'dist');
	const files = new Set(['index', 'correct', 'verifiers', 'ai-sdk'].map((entry) => `${entry}${extension}`));
	for (const file of files)
		for (const [, chunk = ''] of readFileSync(join(dist, file), 'utf8').matchAll(
			/['"]\.\/(chunk-[^'"]*)['"]/g,
		))
			files.add(chunk);
	expect(files.size).toBeGreaterThan(3);
	const sources = [...files].flatMap(
		(file) => JSON.parse(readFileSync(join(dist, `${file}.map`), 'utf8')).sources as string[],
	);
	expect(sources.filter((source) => source.endsWith('lib/errors.ts'))).toHaveLength(1);
	expect(sources.filter((source, index) => sources.indexOf(source) !== index)).toEqual([]);
});

/** Prints the address of each module that is loaded, by import or by require. */
const tracer = `
	import { writeSync } from 'node:fs';
	import { isMainThread } from 'node:worker_threads';
	import module, { register } from 'node:module';
	const source = \`
		import { writeSync } from 'node:fs';
		export async function load(url, context, next) { writeSync(1, 'loaded ' + url + '\\\\n'); return next(url, context); }
	\`;
	if (isMainThread) register('data:text/javascript,' + encodeURIComponent(source));
	const { _load, _resolveFilename } = module;
	module._load = function (request, ...rest) {
		writeSync(1, 'loaded ' + _resolveFilename(request, ...rest) + '\\n');
		return _load.call(this, request, ...rest);
	};
`;

describe.each(['module', 'commonjs'] as const)('what is loaded in a program of kind %s', (kind) => {
	const trace = join(folder, `trace-${kind}.mjs`);
	beforeAll(() => writeFileSync(trace, tracer));

	/** The files that a program loads, and what the package's own ones among them were built from. */
	function loaded(code: string): { files: string[]; sources: string[] } {
		const printed = run(kind, code, ['--import', trace]);
		const files = [...printed.matchAll(/^loaded (.*)$/gm)].map(([, file = '']) =>
			file.replace(/^file:\/\//, ''),
		);
		const sources = files.flatMap((file) => {
			const map = `${file}.map`;
			if (!file.startsWith(join(root, 'dist')) || !existsSync(map)) return [];
			return JSON.parse(readFileSync(map, 'utf8')).sources as string[];
		});
		return { files, sources };
	}

	test('by the decoder has nothing of corrections, verifiers or the command line', () => {
		const { files, sources } = loaded(generate);
		expect(files.join('\n')).toMatch(/reprise\.node/);
		expect(sources.join('\n')).toMatch(/lib\/generation\.ts/);
		expect(files.filter((file) => /ajv|quickjs|commander|cli-|picocolors|hub-packages/.test(file))).toEqual(
			[],
		);
		expect(
			sources.filter((source) => /lib\/(correct|cli|replay|ai-sdk|hub\/download-model)\b/.test(source)),
		).toEqual([]);
	});

	test('by the provider for the AI SDK has no other package', () => {
		const { files, sources } = loaded(`
			const { createReprise } = await entry('reprise/ai-sdk');
			const reprise = createReprise({ session: { contextLength: 64, threads: 1 } });
			const prompt = [{ role: 'user', content: [{ type: 'text', text: 'Every' }] }];
			const model = reprise(${JSON.stringify(embeddedModel)});
			const { usage } = await model.doGenerate({ prompt, maxOutputTokens: 5 });
			console.log(usage.outputTokens.total);
			await reprise.dispose();
		`);
		expect(files.join('\n')).not.toMatch(/node_modules/);
		expect(sources.join('\n')).toMatch(/lib\/ai-sdk\/provider\.ts/);
	});

	test('by a verifier of JSON has the compiler of schemas, and no command line', () => {
		const { files, sources } = loaded(`
			const { jsonSchema } = await entry('reprise/verifiers');
			console.log((await jsonSchema({ type: 'string' })('"a"', { task: { id: 'a', prompt: '' } })).outcome);
		`);
		expect(files.join('\n')).toMatch(/dist\/json-schema-compiler\.cjs/);
		expect(files.join('\n')).not.toMatch(/node_modules/);
		expect(sources.join('\n')).toMatch(/lib\/correct\/verifiers\//);
		expect(files.filter((file) => /commander|cli-|picocolors/.test(file))).toEqual([]);
	});
});

describe('types', () => {
	const sample = `
		import { loadModel, type Session } from 'reprise';
		import { correct, type Strategy, verifierGuided } from 'reprise/correct';
		import { createReprise, type RepriseLanguageModelOptions } from 'reprise/ai-sdk';
		import { javascript, type Verifier } from 'reprise/verifiers';
		export const options: RepriseLanguageModelOptions = { minP: 0.1, draft: 'off', prediction: 'a' };
		export const version: 'v4' = createReprise().languageModel('a').specificationVersion;
		export async function use(session: Session): Promise<string> {
			const verifier: Verifier = javascript();
			const strategy: Strategy = verifierGuided();
			const wrong: number = loadModel;
			return (await correct(session, { id: 'a', prompt: 'b' }, strategy, { verifier }).result).answer;
		}
	`;
	const { ESNext, CommonJS, NodeNext } = ts.ModuleKind;
	const { Bundler, Node10, NodeNext: ByNode } = ts.ModuleResolutionKind;

	test.each([
		['an ES module of Node', 'sample.mts', NodeNext, ByNode],
		['a CommonJS module of Node', 'sample.cts', NodeNext, ByNode],
		['a bundler', 'sample.ts', ESNext, Bundler],
		['a project that reads no exports', 'sample.ts', CommonJS, Node10],
	])('are found by %s', (_, name, module, moduleResolution) => {
		// Without exports a package is found where it is installed, and not by its own name from within.
		const installed = join(folder, 'node_modules', 'reprise');
		mkdirSync(installed, { recursive: true });
		writeFileSync(join(installed, 'package.json'), readFileSync(join(root, 'package.json')));
		const path = join(folder, name);
		const options: ts.CompilerOptions = {
			...{ module, moduleResolution, noEmit: true, strict: true, skipLibCheck: false, types: ['node'] },
			target: ts.ScriptTarget.ES2022,
			lib: ['lib.es2023.d.ts'],
			typeRoots: [join(root, 'node_modules', '@types')],
		};
		const host = ts.createCompilerHost(options);
		const { readFile, fileExists } = host;
		const real = (file: string) => file.replace(join(installed, 'dist'), join(root, 'dist'));
		host.fileExists = (file) => file === path || fileExists(real(file));
		host.readFile = (file) => (file === path ? sample : readFile(real(file)));
		host.directoryExists = () => true;
		const program = ts.createProgram([path], options, host);
		const ours = program
			.getSourceFiles()
			.filter(({ fileName }) => fileName === path || /\/dist\/[^/]*\.d\.c?ts$/.test(real(fileName)));
		expect(ours.length).toBeGreaterThan(3);
		const found = ours.flatMap((file) => [
			...program.getSyntacticDiagnostics(file),
			...program.getSemanticDiagnostics(file),
		]);
		expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([
			expect.stringMatching(/^Type '.*Promise<Model>' is not assignable to type 'number'\.$/),
		]);
	});
});

test('the built command line runs', () => {
	const { stdout, status } = spawnSync(
		process.execPath,
		['dist/cli/main.js', 'info', embeddedModel, '--json'],
		{
			cwd: root,
			encoding: 'utf8',
		},
	);
	expect(status).toBe(0);
	expect(JSON.parse(stdout).architecture).toBe('llama');
});

test('the built command line measures, in processes of its own, and writes a report', () => {
	const out = mkdtempSync(join(tmpdir(), 'reprise-built-bench-'));
	const flags = [
		'--contexts',
		'96',
		'--workload',
		'rewrite',
		'--runs',
		'1',
		'--starts',
		'1',
		'--tokens',
		'8',
	];
	const { stdout, stderr, status } = spawnSync(
		process.execPath,
		['dist/cli/main.js', 'bench', embeddedModel, ...flags, '--recorded', '--out', out],
		{ cwd: root, encoding: 'utf8' },
	);
	expect(status, stderr).toBe(0);
	expect(stdout).toContain(join(out, 'report.html'));
	rmSync(out, { recursive: true });
});
