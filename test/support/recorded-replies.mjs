// Loaded before an example, this makes its model clever: the model computes, drafts and verifies as ever, and says what
// stands in REPLIES, one text for each generation. TEMPLATE is its chat template.
import { createRequire } from 'node:module';

const addon = createRequire(import.meta.url)('../../build/Release/reprise.node');
const { REPLIES = '[]', TEMPLATE = '' } = process.env;
const replies = JSON.parse(REPLIES);

/** Puts `make(method)` in place of a method of a native object, whose own class does not let itself be changed. */
function replaced(object, name, make) {
	const method = object[name].bind(object);
	return Object.defineProperty(object, name, { value: make(method) });
}

function withRecordedReplies(session, model) {
	return replaced(session, 'generate', (generate) => async (options, ...more) => {
		const text = replies.shift();
		if (text === undefined) throw new Error('The example generates more often than there are replies');
		const recorded = model.tokenize(text, false, true);
		// A recorded answer ends with its tokens, which is where the model would end it.
		return { ...(await generate({ ...options, recorded }, ...more)), finishReason: 'end' };
	});
}

function clever(model) {
	replaced(model, 'info', (info) => () => ({ ...info(), chatTemplate: TEMPLATE }));
	return replaced(model, 'createSession', (create) => (options) => {
		const call = create(options);
		const promise = call.promise.then((session) => withRecordedReplies(session, model));
		return Object.assign(Object.create(call), { promise });
	});
}

const { loadModel } = addon;
addon.loadModel = (...given) => {
	const call = loadModel(...given);
	return Object.assign(Object.create(call), { promise: call.promise.then(clever) });
};
