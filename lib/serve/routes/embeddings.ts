import type { Context } from 'hono';
import type { Model } from '../../model.js';
import { readEmbeddingRequest } from '../embedding-request.js';
import { type Call, requireServed, type Service } from '../service.js';

/** `POST /v1/embeddings`: the vectors of texts. */
export async function embeddings(service: Service, context: Context, { signal }: Call): Promise<Response> {
	const { model, inputs, format } = readEmbeddingRequest(await context.req.json());
	requireServed(service, model, 1);
	const leave = await service.admission.enter(1, signal);
	try {
		const vectors = await service.model.embed(inputs, { signal });
		const tokens = inputs.reduce(
			(total, input) => total + (typeof input === 'string' ? whole(service.model, input) : input).length,
			0,
		);
		return context.json({
			object: 'list',
			data: vectors.map((vector, index) => ({
				object: 'embedding',
				index,
				embedding: format === 'base64' ? toBase64(vector) : Array.from(vector),
			})),
			model: service.name,
			usage: { prompt_tokens: tokens, total_tokens: tokens },
		});
	} finally {
		leave();
	}
}

/** A text's tokens, with those that the model wants around them. */
const whole = (model: Model, text: string) => model.tokenize(text, { addSpecial: true });

/** 32-bit floats, the lowest byte first, as OpenAI's clients read them. */
function toBase64(vector: Float32Array): string {
	const bytes = Buffer.alloc(vector.length * 4);
	for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
	return bytes.toString('base64');
}
