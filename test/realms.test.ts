import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFunction, createContext, runInContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { isRepriseError, messageOf } from '../lib/errors.js';
import * as ours from '../lib/index.js';
import { embeddedModel } from './support/models.js';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

/** Node's globals without those of the language, of which every context has its own. */
function nodeGlobals(): Record<string, unknown> {
	const language = new Set(runInContext('Object.getOwnPropertyNames(globalThis)', createContext()));
	const names = Object.getOwnPropertyNames(globalThis).filter((name) => !language.has(name));
	return Object.fromEntries(names.map((name) => [name, Reflect.get(globalThis, name)]));
}

/** A window of Electron, or jsdom: few of Node's globals, and a document, which tells nothing about files. */
const pageGlobals = () => ({
	process,
	console,
	setTimeout,
	clearTimeout,
	AbortController,
	AbortSignal,
	Buffer,
	performance,
	document: { baseURI: 'http://localhost/', currentScript: null },
});

/** The built library in a context of its own, where Jest, vitest's vm pools and Electron's windows run it. */
function loadIn(globals: Record<string, unknown>) {
	const context = createContext({ ...globals, embeddedModel });
	const names = ['exports', 'require', 'module', '__filename', '__dirname'];
	const modules = new Map<string, { exports: object }>();
	const load = (file: string): object => {
		const loaded = modules.get(file);
		if (loaded) return loaded.exports;
		const module = { exports: {} };
		modules.set(file, module);
		const elsewhere = createRequire(file);
		const require = (name: string) =>
			name.startsWith('.') ? load(join(dirname(file), name)) : elsewhere(name);
		const run = compileFunction(readFileSync(file, 'utf8'), names, {
			filename: file,
			parsingContext: context,
		});
		run(module.exports, require, module, file, dirname(file));
		return module.exports;
	};
	for (const entry of ['index.cjs', 'correct.cjs', 'verifiers.cjs']) {
		const exports = load(join(dist, entry));
		context.reprise = { ...(context.reprise as object), ...exports };
	}
	return (code: string): Promise<unknown> => runInContext(`(async () => { ${code} })()`, context);
}

describe.each([
	['a context with the globals of Node', nodeGlobals()],
	['a context with those of a page', pageGlobals()],
])('in %s', (_, globals) => {
	const run = loadIn(globals);

	test('an error of the addon keeps its code and is of the class of that context', async () => {
		const said = run(`
			const error = await reprise.loadModel('/no/such.gguf').catch((reason) => reason);
			return [error.code, error instanceof reprise.RepriseError, error instanceof Error];
		`);
		expect(await said).toEqual(['MODEL_NOT_FOUND', true, true]);
	});

	test('what the model gives can be handed back, and so can arrays of that context', async () => {
		const said = run(`
			const model = await reprise.loadModel(embeddedModel);
			try {
				const tokens = model.tokenize('Mara found a lantern');
				return [tokens, Array.from(tokens), Int32Array.from(tokens)].map((ids) => model.detokenize(ids));
			} finally {
				await model.dispose();
			}
		`);
		expect(await said).toEqual(Array(3).fill('Mara found a lantern'));
	});

	test('options take the arrays, maps, functions and signals of that context', async () => {
		const said = run(`
			class Signal {
				aborted = false;
				listeners = new Set();
				addEventListener(_, listener) { this.listeners.add(listener); }
				removeEventListener(_, listener) { this.listeners.delete(listener); }
			}
			const signal = new Signal();
			const model = await reprise.loadModel(embeddedModel, { signal, onProgress: () => {} });
			const session = await model.createSession({ contextLength: 64 });
			const logitBias = new Map(model.info.endTokens.map((id) => [id, -Infinity]));
			const generation = session.generate('Mara', { stop: ['nowhere'], logitBias, signal, maxTokens: 4 });
			let text = '';
			for await (const chunk of generation) text += chunk.text;
			const result = await generation.result;
			const states = [text === result.text, result.tokens.length, signal.listeners.size];
			await session.dispose();
			await model.dispose();
			return states;
		`);
		expect(await said).toEqual([true, 4, 0]);
	});

	test('what can be disposed is, by the name that compilers use there', async () => {
		const said = run(`
			const dispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
			const model = await reprise.loadModel(embeddedModel);
			const session = await model.createSession({ contextLength: 64 });
			for (const one of [session, model, new reprise.JavaScriptSandbox(), reprise.javascript()])
				await one[dispose]();
			return session.history().catch(({ code }) => code);
		`);
		expect(await said).toBe('DISPOSED');
	});

	test('a correction says what a verifier of that context has thrown', async () => {
		const said = run(`
			const model = await reprise.loadModel(embeddedModel);
			const session = await model.createSession({ contextLength: 512 });
			const verifier = () => { throw new Error('no verdict today'); };
			const options = { verifier, generate: { maxTokens: 32 }, budget: { rounds: 2 } };
			const task = { id: 'a', prompt: 'Mara found a lantern.' };
			const { events } = await reprise.correct(session, task, reprise.verifierGuided(), options).result;
			await session.dispose();
			await model.dispose();
			return events.find(({ type }) => type === 'verdict').judgement;
		`);
		expect(await said).toMatchObject({ fault: 'threw', message: 'no verdict today' });
	});

	test('verifiers take patterns and schemas of that context', async () => {
		const said = run(`
			const about = { task: { id: 'a', prompt: 'a' }, signal: new AbortController().signal };
			const fits = reprise.jsonSchema({ type: 'object' });
			return JSON.stringify([
				await reprise.regex(/b+/).call(null, 'abbb', about),
				await fits('{"a": 1}', about),
				(await fits('{', about)).outcome,
			]);
		`);
		expect(JSON.parse(String(await said))).toEqual([{ outcome: 'pass' }, { outcome: 'pass' }, 'fail']);
	});
});

describe('an error of another copy of the library', () => {
	const run = loadIn(nodeGlobals());

	test('is told from other errors by its name and code', async () => {
		const error = await run(`return reprise.loadModel('/no/such.gguf').catch((reason) => reason)`);
		expect(error).not.toBeInstanceOf(ours.RepriseError);
		expect(isRepriseError(error)).toBe(true);
		expect(isRepriseError(await run(`return new TypeError('no')`))).toBe(false);
		expect(isRepriseError({ name: 'RepriseError', code: 'ABORTED' })).toBe(false);
	});

	test.each([
		[`new RangeError('too far')`, 'too far'],
		[`({ message: 'an object' })`, 'an object'],
		[`'a text'`, 'a text'],
		['null', 'null'],
		['undefined', 'undefined'],
	])('has its message: %s', async (thrown, message) => {
		expect(messageOf(await run(`return ${thrown}`))).toBe(message);
	});
});

test('no module asks for the class of what crosses a boundary', () => {
	// What has a process or a worker of its own knows no other realm.
	const alone = /^(cli|bench)\b|tokenizer-worker\.js|sandbox-(worker|guest)\.js/;
	const folder = fileURLToPath(new URL('../lib', import.meta.url));
	const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
		(path) => /\.[jt]s$/.test(path) && !alone.test(path),
	);
	expect(files.length).toBeGreaterThan(50);
	const code = (path: string) =>
		readFileSync(join(folder, path), 'utf8').replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');
	expect(files.filter((path) => /\binstanceof\b/.test(code(path)))).toEqual([]);
});
