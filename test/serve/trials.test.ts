import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadModel, type Model } from '../../lib/index.js';
import type { Server } from '../../lib/serve/server.js';
import { Choices } from '../support/choices.js';
import { formModel } from '../support/models.js';
import { crowd } from './support/crowd.js';
import { malformed } from './support/malformed.js';
import { metric, serving } from './support/server.js';

// trials.ts is the same with greater numbers.

let model: Model;
let server: Server;
beforeAll(async () => {
	model = await loadModel(formModel);
	server = await serving(model, { parallel: 8, queue: 1000, session: { threads: 1, contextLength: 16_384 } });
});
afterAll(async () => {
	await server.close();
	await model.dispose();
});

test('a crowd of streaming clients, three of ten of which leave, gets the library’s texts', async () => {
	const { faults, otherTexts, whole, refused, compared } = await crowd(
		server,
		model,
		60,
		new Choices(1, 'crowd'),
	);
	expect({ faults, otherTexts, refused }).toEqual({ faults: [], otherTexts: [], refused: 0 });
	expect(whole).toBeGreaterThanOrEqual(42);
	expect(compared).toBeGreaterThan(20);
	expect(await metric(server, 'reprise_replies_running')).toBe(0);
	expect(await metric(server, 'reprise_requests_waiting')).toBe(0);
});

test('requests that are none are refused, each in OpenAI’s shape', async () => {
	const { wrong, statuses } = await malformed(server, 2000, new Choices(2, 'malformed'));
	expect(wrong).toEqual([]);
	expect(Object.keys(statuses).every((status) => /^4\d\d$/.test(status))).toBe(true);
});
