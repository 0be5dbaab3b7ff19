import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { repository } from '../manifests.js';
import { npm } from '../npm.js';
import { node24, tool } from './tools.js';

/** A registry on the loopback interface, which anybody there may publish to. */
export interface Registry {
	readonly url: string;
	/** The user's configuration of npm for it. */
	readonly npmrc: string;
	stop(): Promise<void>;
}

/** Our own packages are this registry's alone; all others come from the registry that this machine's npm uses. */
const configuration = (storage: string, upstream: string) => ({
	storage,
	max_body_size: '500mb',
	auth: { htpasswd: { file: join(storage, 'htpasswd'), max_users: -1 } },
	uplinks: { upstream: { url: upstream, maxage: '1h', timeout: '60s' } },
	packages: {
		reprise: { access: '$all', publish: '$all' },
		'@reprise/*': { access: '$all', publish: '$all' },
		'**': { access: '$all', proxy: 'upstream' },
	},
	log: { type: 'stdout', format: 'pretty', level: 'warn' },
});

export async function startRegistry(folder: string): Promise<Registry> {
	const upstream = npm(['config', 'get', 'registry'], repository).trim();
	const port = await freePort();
	const host = `127.0.0.1:${port}`;
	const config = join(folder, 'verdaccio.yaml');
	// JSON is YAML, too.
	writeFileSync(config, JSON.stringify(configuration(join(folder, 'storage'), upstream)));
	const npmrc = join(folder, 'npmrc');
	// npm asks for a token before it publishes. The registry looks at none.
	writeFileSync(npmrc, `registry=http://${host}/\n//${host}/:_authToken=anybody\n`);
	const log = join(folder, 'verdaccio.log');
	const file = openSync(log, 'w');
	const args = [tool('verdaccio/bin/verdaccio'), '--config', config, '--listen', host];
	const server = spawn(node24, args, { cwd: folder, stdio: ['ignore', file, file] });
	await untilItAnswers(`http://${host}/-/ping`, server, log);
	return {
		url: `http://${host}/`,
		npmrc,
		async stop() {
			if (server.exitCode !== null) return;
			server.kill();
			await once(server, 'exit');
		},
	};
}

async function untilItAnswers(url: string, server: ChildProcess, log: string): Promise<void> {
	for (let tries = 0; tries < 300; tries++) {
		if (server.exitCode !== null) break;
		const answer = await fetch(url).catch(() => null);
		if (answer?.ok) return;
		await wait(200);
	}
	server.kill();
	throw new Error(`verdaccio does not answer:\n${readFileSync(log, 'utf8')}`);
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	await once(server, 'close');
	if (address === null || typeof address === 'string') throw new Error('there is no free port');
	return address.port;
}
