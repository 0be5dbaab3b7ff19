// The model, in a process of its own: see model-process.mjs.
import { basename } from 'node:path';
import { loadModel } from 'reprise';

/** @import { Chat, Generation, Model, Session } from 'reprise' */
/** @import { ModelEvent, Request } from './messages.js' */

/** @type {Model | undefined} */
let model;
/** @type {Session | undefined} */
let session;
/** @type {Chat | undefined} */
let chat;
/** @type {Generation | undefined} */
let reply;
/** Settles when the reply has been told to its end. */
let told = Promise.resolve();

/** @param {ModelEvent} event */
const tell = (event) => process.parentPort.postMessage(event);

/** Settles when the models that were asked for before are loaded or given up. */
let loads = Promise.resolve();
/** @type {AbortController | undefined} */
let latest;

/**
 * Models are loaded one after the other, and one that another was chosen after is given up.
 *
 * @param {string} path
 */
function load(path) {
	latest?.abort();
	latest = new AbortController();
	const { signal } = latest;
	loads = loads
		.catch(() => {})
		.then(() => (signal.aborted ? undefined : replaceModel(path, signal)))
		.catch((error) => {
			if (!signal.aborted) throw error;
		});
	return loads;
}

/**
 * @param {string} path
 * @param {AbortSignal} signal
 */
async function replaceModel(path, signal) {
	const name = basename(path);
	reply?.abort();
	await told.catch(() => {});
	tell({ type: 'loading', name, fraction: 0 });
	chat = undefined;
	await session?.dispose();
	await model?.dispose();
	session = model = undefined;
	model = await loadModel(path, {
		signal,
		onProgress: (fraction) => tell({ type: 'loading', name, fraction }),
	});
	session = await model.createSession();
	chat = session.chat();
	tell({ type: 'loaded', name, description: model.info.description });
}

/** @param {string} text */
async function send(text) {
	if (!chat) throw new Error('Choose a model first');
	reply = chat.send(text);
	for await (const { segments, metrics } of reply)
		tell({
			type: 'chunk',
			segments: segments.map(({ text, source }) => ({ text, drafted: source !== 'model' })),
			tokensPerSecond: metrics.tokensPerSecond,
		});
	const { metrics } = await reply.result;
	const { outputTokens: tokens, tokensPerSecond, tokensPerPass, drafted, accepted } = metrics;
	tell({ type: 'done', tokens, tokensPerSecond, tokensPerPass, drafted, accepted });
}

/** @param {Request} request */
async function answer(request) {
	if (request.type === 'load') await load(request.path);
	if (request.type === 'send') {
		told = send(request.text);
		await told;
	}
	if (request.type === 'abort') reply?.abort();
}

process.parentPort.on('message', ({ data }) => {
	answer(data).catch((error) => tell({ type: 'failed', message: error.message }));
});
