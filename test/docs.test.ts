import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { benchFlags } from '../lib/cli/bench.js';
import { loadFlags, sessionFlags } from '../lib/cli/flags.js';
import { serveFlags } from '../lib/cli/serve.js';
import { strategyNames } from '../lib/correct/presets/by-name.js';
import { errorCodes } from '../lib/errors.js';
import { errorsPage } from '../scripts/docs/errors.js';
import { type Fence, fences } from './support/fences.js';
import { llamaSourceDir } from './support/llama-source.js';
import { embeddedModel, visionModel, visionProjector } from './support/models.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = join(root, 'dist', 'cli', 'main.js');
const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
const files = ['README.md', 'CONTRIBUTING.md', ...pages.map((name) => `docs/${name}`)].filter((name) =>
	existsSync(join(root, name)),
);
const all = files.flatMap(fences);
const named = (some: readonly Fence[]) =>
	some.map((fence) => [`${fence.file}:${fence.line}`, fence] as [string, Fence]);
const of = (...languages: string[]) => named(all.filter(({ language }) => languages.includes(language)));

/** Files that samples name; programs in a folder of the package reach it by its name. */
const folder = mkdtempSync(join(tmpdir(), 'reprise-docs-'));
const programs = join(root, 'build', 'docs');
beforeAll(() => {
	mkdirSync(programs, { recursive: true });
	for (const name of ['model.gguf', 'vocabulary.gguf', 'qwen2-vocabulary.gguf'])
		copyFileSync(embeddedModel, join(folder, name));
	copyFileSync(visionModel, join(folder, 'vision.gguf'));
	copyFileSync(visionProjector, join(folder, 'mmproj.gguf'));
	const photo = join(root, 'test', 'fixtures', 'pictures', 'shapes', '1-black-circle.png');
	copyFileSync(photo, join(folder, 'photo.png'));
	const task = { id: 'pears', prompt: 'A pear costs 3 and Lena buys 5. What does she pay?', answer: '15' };
	writeFileSync(join(folder, 'problems.jsonl'), `${JSON.stringify(task)}\n`);
	const turn = { user: 'Copy this: Mara found a lantern.', assistant: 'Mara found a lantern.' };
	const talk = { dataset: 'copies', model: 'a model', template: 'chatml', turns: [turn, turn, turn] };
	const recorded = { ...talk, correct: [false, true, true] };
	writeFileSync(join(folder, 'talks.jsonl'), `${JSON.stringify(talk)}\n`);
	writeFileSync(join(folder, 'gsm8k-correction-qwen2.5.jsonl'), `${JSON.stringify(recorded)}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A server where samples look for one: it takes any free port, which then stands for theirs. */
let server: Promise<{ readonly url: string; readonly process: ChildProcess }> | undefined;
afterAll(async () => (await server)?.process.kill());
const servedAt = 'http://127.0.0.1:8080';

async function atServer(code: string): Promise<string> {
	if (!code.includes(servedAt)) return code;
	server ??= new Promise((resolve, reject) => {
		const process = spawn(execPath, [main, 'serve', 'model.gguf', '--port', '0'], { cwd: folder });
		process.on('exit', (status) => reject(new Error(`The server ended with ${status}`)));
		process.stdout.on('data', (text) => resolve({ url: /http:\S+/.exec(String(text))?.[0] ?? '', process }));
	});
	return code.replaceAll(servedAt, (await server).url);
}

function run(command: string, args: readonly string[]) {
	const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
	const { status, signal, stdout, stderr } = spawnSync(command, args, {
		cwd: folder,
		encoding: 'utf8',
		env,
		input: '',
	});
	expect(status, `${args.join(' ')}: ${signal}\n${stdout}\n${stderr}`).toBe(0);
	return { stdout, stderr };
}

/** A template that knows tools. */
const toolTemplate = join(llamaSourceDir(), 'models', 'templates', 'Qwen-Qwen2.5-7B-Instruct.jinja');

/** What samples use without saying where it comes from, each with what it takes to have it, in the order of need. */
const given: ReadonlyArray<[name: string, code: string]> = [
	['loadModel', `import { loadModel } from 'reprise';`],
	['javascript', `import { javascript } from 'reprise/verifiers';`],
	['correct', `import { correct } from 'reprise/correct';`],
	['verifierGuided', `import { verifierGuided } from 'reprise/correct';`],
	['model', `const model = await loadModel('model.gguf');`],
	['session', 'const session = await model.createSession();'],
	['chat', 'const chat = session.chat();'],
	[
		'template',
		`import { readFileSync } from 'node:fs';\nconst template = readFileSync(${JSON.stringify(toolTemplate)}, 'utf8');`,
	],
	['source', `const source = 'let total = 0;\\ntotal += 1;\\n';`],
	['longPrompt', `const longPrompt = 'Mara found a lantern near the harbor. '.repeat(20);`],
	['signal', 'const { signal } = new AbortController();'],
	['task', `const task = { id: 'pears', prompt: 'What are 3 pears at 5 each?', answer: '15' };`],
	['verifier', 'const verifier = javascript();'],
	[
		'correction',
		'const correction = correct(session, task, verifierGuided(), { verifier, budget: { rounds: 1 } });',
	],
];

/** The sample with what it leaves to the reader. */
function complete(code: string): string {
	let whole = code;
	const isDeclared = (name: string) =>
		new RegExp(`\\b(const|let)\\s+(\\{[^}]*)?\\b${name}\\b|import \\{[^}]*\\b${name}\\b`).test(whole);
	for (const [name, declaration] of [...given].reverse())
		if (new RegExp(`\\b${name}\\b`).test(whole) && !isDeclared(name)) whole = `${declaration}\n${whole}`;
	return whole;
}

/** What a sample says of a result in the comment after it is printed too, to be compared. */
function printResults(code: string): string {
	return code.replaceAll(/^await (.*);\n\/\/ (\{.*\})$/gm, 'console.log(JSON.stringify([await $1, $2]));');
}

test('fences are of kinds that the tests below know', () => {
	expect(all.length).toBeGreaterThan(15);
	// What is configuration of a bundler (mjs) is run by scripts/release/test-registry.ts.
	for (const [place, { language }] of named(all))
		expect(['', 'js', 'mjs', 'ts', 'sh', 'yaml'], place).toContain(language);
});

describe('a JavaScript sample', () => {
	test.each(of('js'))('%s is a module that runs', async (_, { code, line, file }) => {
		const path = join(programs, `${file.replaceAll(/\W/g, '-')}-${line}.mjs`);
		writeFileSync(path, await atServer(printResults(complete(code))));
		const { stdout, stderr } = run(process.execPath, [path]);
		expect(stderr).toBe('');
		const results = stdout.split('\n').filter((printed) => /^\[\{.*\}\]$/.test(printed));
		for (const result of results) {
			const [is, said] = JSON.parse(result);
			expect(is).toEqual(said);
		}
		expect(results.length).toBe([...code.matchAll(/^\/\/ \{/gm)].length);
	});
});

describe('a TypeScript sample', () => {
	test.each(of('ts'))('%s fits the types of the package', (_, { code }) => {
		const path = join(root, 'lib', 'sample-of-the-docs.ts');
		const options: ts.CompilerOptions = {
			...ts.parseJsonConfigFileContent(
				ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
				ts.sys,
				root,
			).options,
			noEmit: true,
			noUnusedLocals: false,
			paths: {
				reprise: [join(root, 'lib', 'index.ts')],
				'reprise/correct': [join(root, 'lib', 'correct', 'index.ts')],
				'reprise/verifiers': [join(root, 'lib', 'correct', 'verifiers', 'index.ts')],
				'reprise/ai-sdk': [join(root, 'lib', 'ai-sdk', 'index.ts')],
			},
		};
		const host = ts.createCompilerHost(options);
		const { readFile, fileExists } = host;
		host.readFile = (name) => (name === path ? code : readFile(name));
		host.fileExists = (name) => name === path || fileExists(name);
		host.getSourceFile = (name, target) => ts.createSourceFile(name, host.readFile(name) ?? '', target);
		const program = ts.createProgram([path], options, host);
		const source = program.getSourceFile(path);
		const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
		expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
	});
});

/** The commands of a fence, each whole. */
const commands = ({ code }: Fence): string[] =>
	code
		.replaceAll(/\\\n\s*/g, '')
		.split('\n')
		.map((line) => line.replace(/\s+#.*$/, ''))
		.filter((line) => line !== '');

describe('a shell sample', () => {
	test.each(of('sh'))('%s is what a shell parses', (_, { code }) => {
		execFileSync('bash', ['-n'], { input: code });
	});

	test.each(of('sh'))('%s names scripts of the package', (_, fence) => {
		const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
		for (const line of commands(fence))
			for (const [, name = ''] of line.matchAll(/npm (?:run (?:-s )?)?(\S+)/g))
				if (!['install', 'ci', 'pack'].includes(name)) expect(scripts, line).toHaveProperty(name);
	});

	// A build takes minutes: test/cli/build.test.ts has its checks, test:registry does it with --build. So does a
	// benchmark, which test/cli/bench.test.ts has shorter ones of. A server has no end: the samples of its clients run.
	const isOurs = (line: string) => /^npx reprise (?!(build|bench|serve)\b)/.test(line);
	const ours = all.flatMap((fence) => (fence.language === 'sh' ? commands(fence).filter(isOurs) : []));
	test.each(all.flatMap(commands).filter((line) => /^npx reprise (bench|serve)\b/.test(line)))(
		'%s has flags that the command knows',
		(line) => {
			const table = / bench\b/.test(line) ? benchFlags : { ...serveFlags, ...sessionFlags, ...loadFlags };
			const known = Object.values(table).map(({ flags }) => flags.split(' ')[0]);
			for (const [flag] of line.matchAll(/--[a-z-]+/g)) expect(known).toContain(flag);
		},
	);

	test.each(ours)('%s', (line) => {
		execFileSync('bash', ['-c', line.replace('npx reprise', '"$NODE" "$MAIN"')], {
			cwd: folder,
			env: { ...process.env, NODE: process.execPath, MAIN: main },
			input: '',
			stdio: ['pipe', 'pipe', 'pipe'],
		});
	});
});

describe('a terminal’s sample', () => {
	// Those of models by name need a hub: test/hub/models-page.test.ts has one.
	const shown = all.filter(
		({ file, language, code }) => language === '' && code.startsWith('$ ') && file !== 'docs/models.md',
	);
	test.each(named(shown))('%s prints what it says', (_, { code }) => {
		const [, command = '', printed = ''] = /^\$ ((?:[^\n]*\\\n)*[^\n]*)\n(.*)$/s.exec(code) ?? [];
		expect(command).toMatch(/^npm run -s reprise -- /);
		const line = command.replace('npm run -s reprise --', '"$NODE" "$MAIN"');
		const { stdout, stderr } = spawnSync('bash', ['-c', line], {
			cwd: root,
			env: { ...process.env, NODE: process.execPath, MAIN: main },
			encoding: 'utf8',
		});
		// Which of it was drafted depends on what a pass costs on this machine, and so do the numbers.
		const plain = (text: string) => text.replaceAll(/[[\]]/g, '').replaceAll(/\s+/g, ' ').trim();
		const [legend = '', ...numbers] = stderr.trimEnd().split('\n');
		expect(plain(printed)).toContain(plain(legend));
		expect(plain(printed)).toContain(plain(stdout));
		const summary = (text: string) =>
			plain(text)
				.replaceAll(/\d+(\.\d+)?/g, '#')
				.replaceAll(/\(.*?\)/g, '()');
		expect(summary(printed)).toContain(summary(numbers.join(' ')));
	});
});

test('the metrics that the README shows are metrics', async () => {
	const shown = all.find(({ code }) => code.startsWith('const metrics = {'))?.code ?? '';
	const metrics = new Function(`${shown} return metrics`)();
	const path = join(programs, 'metrics.mjs');
	writeFileSync(
		path,
		complete(
			`console.log(JSON.stringify((await session.generate('Mara', { maxTokens: 2 }).result).metrics));`,
		),
	);
	const real = JSON.parse(run(process.execPath, [path]).stdout);
	for (const name of Object.keys(metrics)) expect(real).toHaveProperty(name);
});

test.each(strategyNames)('the table of strategies has a row for %s', (name) => {
	expect(readFileSync(join(root, 'docs', 'correction.md'), 'utf8')).toContain(`\n| \`${name}\` |`);
});

test('the table of error codes is what their docstrings say: npm run docs writes it', () => {
	const page = errorsPage();
	expect([...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code)).toEqual(Object.keys(errorCodes));
	expect(readFileSync(join(root, 'docs', 'errors.md'), 'utf8')).toBe(page);
});
