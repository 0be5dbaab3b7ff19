const day = '(0[1-9]|1\\d|2[0-8])';
/** Without 29 February, which not every year has. */
const date = `\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-${day})`;
const time = '([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,6})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)';
const label = '[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?';
const host = `${label}(\\.${label}){0,4}`;
const byte = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]\\d|\\d)';
const atom = '[A-Za-z0-9_+-]{1,20}';

/** Patterns whose strings have the format; they need not be all that have it. */
export const formatPatterns: Readonly<Record<string, string>> = {
	date: `^${date}$`,
	time: `^${time}$`,
	'date-time': `^${date}T${time}$`,
	duration: '^P([1-9]\\d{0,3}[YMWD]|T[1-9]\\d{0,3}[HMS])$',
	email: `^${atom}(\\.${atom}){0,3}@${label}(\\.${label}){0,3}\\.[a-z]{2,10}$`,
	hostname: `^${host}$`,
	ipv4: `^${byte}(\\.${byte}){3}$`,
	ipv6: '^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}$',
	uri: `^https?://${host}(/[A-Za-z0-9._~-]{0,40}){0,8}$`,
	uuid: '^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
};

/** The formats of the standard that no pattern here has; other names say nothing about a string. */
export const otherFormats: readonly string[] = [
	'idn-email',
	'idn-hostname',
	'iri',
	'iri-reference',
	'json-pointer',
	'regex',
	'relative-json-pointer',
	'uri-reference',
	'uri-template',
];
