import { readdirSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { llamaSourceDir } from '../fetch-llama.mjs';
import { binaryFaults, generateWith } from './binary.js';
import { repository } from './manifests.js';
import type { Package } from './packages.js';

/** What npm says of a package that it has packed, and where it lies. */
export interface Packed {
	readonly package: Package;
	readonly folder: string;
	readonly tarball: string;
	readonly packedBytes: number;
	readonly unpackedBytes: number;
	readonly paths: readonly string[];
}

const megabyte = 1e6;

/** The files that a package may have, and the most bytes that it may take. */
const limits: Readonly<
	Record<Package['kind'], { allowed: readonly RegExp[]; packed: number; unpacked: number }>
> = {
	main: {
		allowed: [
			/^(package\.json|README\.md|CHANGELOG\.md|LICENSE|dist\/THIRD_PARTY_NOTICES\.txt)$/,
			/^dist\/(cli\/)?[\w.-]+\.(js|cjs|d\.ts|d\.cts|html)$/,
		],
		packed: 1.25 * megabyte,
		unpacked: 5 * megabyte,
	},
	platform: {
		allowed: [/^(package\.json|README\.md|LICENSE|THIRD_PARTY_NOTICES\.txt|reprise\.node)$/],
		packed: 15 * megabyte,
		unpacked: 50 * megabyte,
	},
	source: {
		allowed: [
			/^(package\.json|README\.md|LICENSE|CMakeLists\.txt)$/,
			/^cpp\/[\w/.-]+$/,
			/^scripts\/([\w-]+\.mjs|patches\/[\w-]+\.patch)$/,
		],
		packed: 2 * megabyte,
		unpacked: 10 * megabyte,
	},
};

/** CUDA's kernels for all its architectures take hundreds of megabytes. */
const gpuLimit = 500 * megabyte;

type Check = (packed: Packed) => readonly string[];

/** The checks by the names by which one can be left out. Each gives what is wrong, in sentences. */
export const checks = {
	contents: ({ package: { kind }, paths }) =>
		paths
			.filter((path) => !limits[kind].allowed.some((pattern) => pattern.test(path)))
			.map((path) => `it holds ${path}, which does not belong there`),

	sizes: ({ package: { kind, platform = '' }, packedBytes, unpackedBytes }) => {
		const { packed, unpacked } = limits[kind];
		const [mostPacked, mostUnpacked] =
			platform.split('-').length > 2 ? [gpuLimit, 2 * gpuLimit] : [packed, unpacked];
		return [
			...(packedBytes > mostPacked ? [tooLarge('packed', packedBytes, mostPacked)] : []),
			...(unpackedBytes > mostUnpacked ? [tooLarge('unpacked', unpackedBytes, mostUnpacked)] : []),
		];
	},

	licences: ({ package: { kind }, paths }) => {
		const notices = {
			main: ['dist/THIRD_PARTY_NOTICES.txt'],
			platform: ['THIRD_PARTY_NOTICES.txt'],
			source: [],
		}[kind];
		return ['LICENSE', ...notices].filter((name) => !paths.includes(name)).map((name) => `it has no ${name}`);
	},

	paths: ({ folder, paths }) =>
		paths.flatMap((path) => {
			const text = readFileSync(join(folder, path), 'latin1');
			const [, source] = compiledSource.exec(path.endsWith('.node') ? text : '') ?? [];
			if (source !== undefined)
				return [`${path} names ${source}, a source file of the machine that built it`];
			return buildersFolders()
				.filter((known) => text.includes(known))
				.map((known) => `${path} names ${excerpt(text, known)}, a folder of this machine`);
		}),

	libraries: ({ package: { platform }, folder }) =>
		platform === undefined ? [] : binaryFaults(platform, join(folder, 'reprise.node')),

	generates: ({ package: { platform }, folder }) => {
		if (platform?.split('-').slice(0, 2).join('-') !== `${process.platform}-${process.arch}`) return [];
		try {
			// The package of the JavaScript lies beside it.
			const library = join(dirname(folder), 'reprise', 'dist', 'index.cjs');
			const model = join(repository, 'models', 'tiny-edit-1m.gguf');
			console.log(
				`${platform}: says ${JSON.stringify(generateWith(library, join(folder, 'reprise.node'), model))}`,
			);
			return [];
		} catch (error) {
			return [(error as Error).message];
		}
	},
} satisfies Record<string, Check>;

export type CheckName = keyof typeof checks;
export const checkNames = Object.keys(checks) as CheckName[];

/** What is wrong with packages, by all checks but those to be left out. */
export function faultsOf(packed: readonly Packed[], leftOut: readonly string[] = []): string[] {
	return packed.flatMap((one) =>
		checkNames
			.filter((name) => !leftOut.includes(name))
			.flatMap((name) =>
				checks[name](one).map((fault) => `${one.package.manifest.name}: ${fault} (${name})`),
			),
	);
}

const tooLarge = (what: string, bytes: number, most: number) =>
	`it takes ${(bytes / megabyte).toFixed(1)} MB ${what}, more than ${most / megabyte}`;

/** The absolute path of a source file, as compilers put it into assertions. The system's headers are in /usr. */
const compiledSource = /\0((?!\/usr\/)(?:\/|[A-Z]:[\\/])[\w .@+\\/-]+\.(?:cc?|cpp|cuh?|h|hpp|mm?))\0/;

/** Folders that say who built the packages, and where. A folder such as /tmp alone says nothing. */
function buildersFolders(): string[] {
	const source = llamaSourceDir();
	const home = homedir();
	const known = [repository, source, dirname(source), resolve(tmpdir(), 'reprise-')];
	const llamaFolders = readdirSync(dirname(source)).filter((name) => name.startsWith('llama.cpp-'));
	known.push(...llamaFolders.map((name) => join(dirname(source), name)));
	// The home of root is in texts that are about no machine.
	if (home.length > '/root'.length) known.push(home);
	return [...new Set(known.map((folder) => folder.replace(/[\\/]$/, '')))];
}

const excerpt = (text: string, known: string) => {
	const at = text.indexOf(known);
	return text.slice(at, at + 120).split(/[\0\n"'\s]/)[0];
};
