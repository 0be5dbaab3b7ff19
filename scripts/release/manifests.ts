import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gpuVariants, publishedPlatforms } from '../../lib/loader/machine.js';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

export type Manifest = Readonly<Record<string, unknown>> & {
	readonly name: string;
	readonly version: string;
};
type Versions = Readonly<Record<string, string>>;

interface RepositoryManifest extends Manifest {
	readonly dependencies: Versions;
	readonly devDependencies: Versions;
}

/** The repository's own manifest, which is for developers. Those of the packages are made from it. */
const own = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as RepositoryManifest;

/** What only a build from source needs. */
const buildTools = ['cmake-js', 'node-addon-api', 'node-api-headers'];

const pick = (names: readonly string[], from: Readonly<Record<string, unknown>>) =>
	Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]]));

const shared = {
	...pick(['homepage', 'bugs', 'repository', 'author', 'license', 'engines'], own),
	version: own.version,
};

export const version = own.version;

/** The platforms that a binary can be published for, `linux-x64-cuda` and the like among them. */
export const allPlatforms: readonly string[] = publishedPlatforms.flatMap((platform) =>
	platform.startsWith('darwin') ? [platform] : [platform, ...gpuVariants.map((one) => `${platform}-${one}`)],
);

export const packageOf = (platform: string): string => `@reprise/${platform}`;

/** `reprise`: nothing but what runs, and no script. The platforms are optional, those with a GPU are the user's to add. */
export function mainManifest(platforms: readonly string[]): Manifest {
	const plain = platforms.filter((platform) => (publishedPlatforms as readonly string[]).includes(platform));
	// As a peer, a package that users add by name is found under pnpm and Yarn's Plug'n'Play, too.
	const gpu = allPlatforms.filter(
		(platform) => !(publishedPlatforms as readonly string[]).includes(platform),
	);
	const pinned = (names: readonly string[]) =>
		Object.fromEntries(names.map((platform) => [packageOf(platform), version]));
	return {
		name: own.name,
		...pick(['description', 'keywords'], own),
		...shared,
		...pick(['type', 'sideEffects', 'main', 'module', 'types', 'typesVersions', 'exports', 'bin'], own),
		dependencies: own.dependencies,
		optionalDependencies: pinned(plain),
		peerDependencies: pinned(gpu),
		peerDependenciesMeta: Object.fromEntries(gpu.map((one) => [packageOf(one), { optional: true }])),
		// `reprise build` puts a file into it, and its workers are files.
		preferUnplugged: true,
	};
}

export function platformManifest(platform: string): Manifest {
	const [os = '', cpu = '', gpu] = platform.split('-');
	const made = { cuda: ' with CUDA', vulkan: ' with Vulkan' }[gpu ?? ''] ?? '';
	return {
		name: packageOf(platform),
		...shared,
		description: `The native addon of reprise for ${os} ${cpu}${made}`,
		os: [os],
		cpu: [cpu],
		...(os === 'linux' && { libc: ['glibc'] }),
		main: 'reprise.node',
		preferUnplugged: true,
	};
}

/** What `npx reprise build` downloads. */
export function sourceManifest(): Manifest {
	return {
		name: packageOf('source'),
		...shared,
		description: 'The source of the native addon of reprise, for npx reprise build',
		type: 'module',
		// cmake-js would download the headers of one version of Node without it.
		...pick(['binary'], own),
		dependencies: pick(buildTools, own.devDependencies),
	};
}
