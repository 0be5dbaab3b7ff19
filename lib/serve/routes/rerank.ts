import type { Context } from 'hono';
import { byScore } from '../../by-score.js';
import { readRerankRequest } from '../rerank-request.js';
import { type Call, requireServed, type Service } from '../service.js';

/** `POST /v1/rerank`: documents by how well they answer a query, in the shape of Jina's API. */
export async function rerank(service: Service, context: Context, { signal }: Call): Promise<Response> {
	const { model, query, documents, count, returnsDocuments } = readRerankRequest(await context.req.json());
	requireServed(service, model, 1);
	const leave = await service.admission.enter(1, signal);
	try {
		const scores = await service.model.rank(query, documents, { signal });
		return context.json({
			object: 'list',
			model: service.name,
			results: byScore(scores, count).map(({ index, score }) => ({
				index,
				relevance_score: score,
				...(returnsDocuments && { document: { text: documents[index] } }),
			})),
		});
	} finally {
		leave();
	}
}
