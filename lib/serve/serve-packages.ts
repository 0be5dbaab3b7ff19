import { createRequire } from 'node:module';
import { ownFile } from '../own-file.js';

type Prometheus = typeof import('prom-client');

/** What is used of the packages that serve over HTTP, and of the one that writes metrics. */
export type ServePackages = Pick<typeof import('hono'), 'Hono'> &
	Pick<typeof import('hono/body-limit'), 'bodyLimit'> &
	Pick<typeof import('hono/cors'), 'cors'> &
	Pick<typeof import('hono/streaming'), 'streamSSE'> &
	Pick<typeof import('@hono/node-server'), 'serve'> &
	Pick<Prometheus, 'Counter' | 'Gauge' | 'Histogram' | 'Registry'>;

export type Registry = InstanceType<Prometheus['Registry']>;

/** Loads them, which only a server needs. */
export function servePackages(): ServePackages {
	const file = ownFile(['serve-packages.cjs'], import.meta.url);
	return createRequire(import.meta.url)(file);
}
