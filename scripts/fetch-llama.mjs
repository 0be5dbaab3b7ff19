// Fetches llama.cpp's source at the pinned commit: the npm package `node-llama-cpp` carries it as a git
// bundle, so an install needs no host besides the npm registry. The patches in scripts/patches/ are applied:
// each says why. Prints the source's folder.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const carrier = 'node-llama-cpp@3.22.1';
const integrity =
	'sha512-bltIipuWmc123H7tMIgDGKSsSrhmhlQYeVUC48XTjVW7XGJJiJJyCdlTMzQ/LiWoPkGDpcL4FviDpgw7qfTiDw==';
const bundle = 'package/llama/gitRelease.bundle';
export const llamaCommit = 'de3ff815ea7d559ee917f063901b8986f038abc6';

const patchDir = fileURLToPath(new URL('patches/', import.meta.url));
const patches = readdirSync(patchDir)
	.filter((name) => name.endsWith('.patch'))
	.sort()
	.map((name) => join(patchDir, name));

function cacheDir() {
	if (process.env.REPRISE_CACHE) return resolve(process.env.REPRISE_CACHE);
	if (process.platform === 'win32' && process.env.LOCALAPPDATA)
		return join(process.env.LOCALAPPDATA, 'reprise');
	if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'reprise');
	return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'reprise');
}

/**
 * The folder of llama.cpp's source: `LLAMA_CPP_DIR`, or the cache. Whether it exists is another question. The source
 * with `others` in place of our own patches, which benchmarks compare with, is in the cache in any case, with room
 * beside it for a build.
 */
export function llamaSourceDir(others = undefined) {
	if (process.env.LLAMA_CPP_DIR && !others) return resolve(process.env.LLAMA_CPP_DIR);
	const patched = createHash('sha256');
	for (const patch of others ?? patches) patched.update(readFileSync(patch));
	const name = `${llamaCommit.slice(0, 12)}-${patched.digest('hex').slice(0, 8)}`;
	return others ? join(cacheDir(), `peer-${name}`, 'llama.cpp') : join(cacheDir(), `llama.cpp-${name}`);
}

function packCarrier(folder) {
	// npm runs scripts with the flags of the outer command in the environment (a dry run, a prefix);
	// fetching the carrier must follow the user's registry and nothing else of them.
	const env = { ...process.env };
	for (const flag of ['dry_run', 'json', 'global', 'prefix', 'workspace', 'ignore_scripts'])
		delete env[`npm_config_${flag}`];
	const npm = process.env.npm_execpath;
	const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
	execFileSync(command, [...args, 'pack', carrier, '--silent', '--pack-destination', folder], {
		cwd: folder,
		env,
		stdio: ['ignore', 'ignore', 'inherit'],
		shell: command === 'npm' && process.platform === 'win32',
	});
	return join(folder, `${carrier.replace('@', '-')}.tgz`);
}

/** Throws where patches do not apply, and names them all: after a move of the pin each is to be looked at. */
function applyPatches(checkout, applied) {
	const failed = applied.flatMap((patch) => {
		const { status, stderr } = spawnSync('git', ['-C', checkout, 'apply', patch], { encoding: 'utf8' });
		return status === 0 ? [] : [`${basename(patch)}: ${stderr}`];
	});
	if (failed.length > 0)
		throw new Error(`these patches do not apply to llama.cpp ${llamaCommit}:\n${failed.join('')}`);
}

/**
 * Makes sure of the source and returns its folder, as `llamaSourceDir` has it. Throws when the download is not what
 * was pinned.
 */
export function fetchLlama(others = undefined) {
	const target = llamaSourceDir(others);
	if (existsSync(join(target, 'include', 'llama.h'))) return target;
	if (process.env.LLAMA_CPP_DIR && !others)
		throw new Error(`LLAMA_CPP_DIR is ${target}, but there is no include/llama.h in it`);

	mkdirSync(cacheDir(), { recursive: true });
	const work = mkdtempSync(join(cacheDir(), 'fetch-'));
	try {
		console.error(`fetching llama.cpp ${llamaCommit.slice(0, 12)} (35 MB, once)`);
		const tarball = packCarrier(work);
		const hash = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
		if (hash !== integrity)
			throw new Error(`${carrier} does not match its pinned hash: expected ${integrity}, got ${hash}`);
		execFileSync('tar', ['-xzf', tarball, '-C', work, bundle]);
		const checkout = join(work, 'llama.cpp');
		execFileSync('git', [
			'clone',
			'--quiet',
			'-c',
			'advice.detachedHead=false',
			join(work, bundle),
			checkout,
		]);
		const commit = execFileSync('git', ['-C', checkout, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
		if (commit !== llamaCommit)
			throw new Error(`the bundle holds llama.cpp ${commit}, but ${llamaCommit} is pinned`);
		applyPatches(checkout, others ?? patches);
		rmSync(join(checkout, '.git'), { recursive: true, force: true });
		try {
			mkdirSync(dirname(target), { recursive: true });
			renameSync(checkout, target);
		} catch (error) {
			// Another install was faster; its copy is the same commit.
			if (!existsSync(join(target, 'include', 'llama.h'))) throw error;
		}
	} finally {
		rmSync(work, { recursive: true, force: true });
	}
	return target;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(fetchLlama());
