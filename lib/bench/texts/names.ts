/** Names and words from which data is made. */
export const firstNames =
	'Adaeze Alice Amir Anneke Astrid Bilal Carmen Chen Daria Dmitri Elif Emeka Esther Farid Fiona Gideon Hanna Ibrahim Ines Ivo Jana Jorge Kenji Lamar Leonie Luca Magda Mateo Mei Milan Nadia Niamh Oskar Paloma Piotr Rania Rosalind Samir Signe Tamsin Teodor Uma Viktor Wanda Xavier Yara Zeynep'.split(
		' ',
	);
export const lastNames =
	'Abbott Achterberg Almeida Andersson Baumann Bianchi Bright Carver Chaudhry Costa Dalgaard Dubois Eriksen Farrell Fischer Garcia Grant Haas Hayashi Horvat Iversen Jansen Kamara Keller Kowalski Larsen Lindgren Marchetti Mbeki Moreau Nowak Obi Okoye Palmer Petrov Quinn Rahman Ribeiro Sato Schuster Silva Tanaka Tremblay Vasquez Visser Wagner Yilmaz Zimmer'.split(
		' ',
	);
export const cities =
	'Aarhus Antwerp Bergen Bologna Brno Cardiff Cork Dresden Gdansk Genoa Ghent Graz Halifax Kaunas Leeds Leipzig Lille Linz Malmo Nantes Oulu Porto Rennes Riga Seville Split Tartu Turku Utrecht Valencia Zadar Zurich'.split(
		' ',
	);
export const streets =
	'Birch Bridge Canal Castle Cherry Church Commerce Dock Elder Fountain Garden Harbour Hill Juniper Lake Maple Market Mill North Orchard Park Quarry River Station Tower Vine Water Willow'.split(
		' ',
	);
export const materials =
	'oak ash steel linen wool glass cork brass leather bamboo ceramic felt walnut copper'.split(' ');
export const goods =
	'stool lamp shelf kettle basket tray bench clock mirror rug hook bowl vase ladder desk blanket jug tablet-stand cushion planter'.split(
		' ',
	);
export const categories = ['kitchen', 'office', 'garden', 'bath', 'hall', 'bedroom'];
export const rooms = [
	'Aquarium',
	'Attic',
	'Forge',
	'Greenhouse',
	'Library',
	'Lighthouse',
	'Orchard',
	'Workshop',
];
export const purposes = [
	'weekly planning',
	'interview',
	'budget review',
	'training for new colleagues',
	'customer visit',
	'retrospective',
	'choir rehearsal',
	'first-aid course',
	'product demo',
	'works council',
	'book club',
	'release meeting',
];
export const services = [
	'auth',
	'billing',
	'catalogue',
	'gateway',
	'images',
	'inventory',
	'invoices',
	'mailer',
	'metrics',
	'notifications',
	'orders',
	'payments',
	'reports',
	'search',
	'sessions',
	'shipping',
	'translations',
	'uploads',
];
export const remarks = [
	'',
	'please bring the keys',
	'needs the projector',
	'doors close at six',
	'catering for eight is ordered',
	'moved from last week',
	'the window does not open',
	'guests wait at the reception',
];
/** Sentences of a user interface. */
export const labels: ReadonlyArray<readonly [key: string, text: string]> = [
	['account.delete.confirm', 'Do you want to delete your account? This cannot be undone.'],
	['account.delete.done', 'Your account was deleted.'],
	['account.email.changed', 'We sent a message to your new address. Open the link in it to confirm.'],
	['account.password.short', 'The password needs at least twelve characters.'],
	['account.password.forgotten', 'Forgot your password?'],
	['basket.add', 'Add to basket'],
	['basket.empty', 'Your basket is empty.'],
	['basket.remove', 'Remove from basket'],
	['basket.total', 'Total of your basket: {amount}'],
	['basket.voucher.invalid', 'This voucher is not valid any more.'],
	['basket.quantity', 'Only {count} pieces are left; we have put them into your basket.'],
	['checkout.address', 'Where shall we send the parcel?'],
	['checkout.back', 'Back to basket'],
	['checkout.pay', 'Pay now'],
	['checkout.payment.failed', 'The payment failed. Please try another card.'],
	['checkout.thanks', 'Thank you for your order! You will get an e-mail shortly.'],
	['error.network', 'There is no connection. Please check your network and try again.'],
	['error.notfound', 'We looked everywhere, but this page does not exist.'],
	['error.server', 'Something went wrong on our side. Please try again in a minute.'],
	['error.session', 'You were signed out. Please sign in again.'],
	['filter.colour', 'Colour'],
	['filter.none', 'No product fits these filters.'],
	['filter.price', 'Price from {low} to {high}'],
	['filter.reset', 'Reset all filters'],
	['newsletter.subscribe', 'Send me news twice a month'],
	['newsletter.done', 'Please confirm your address by the link in our e-mail.'],
	['newsletter.leave', 'You will not get any more e-mails from us.'],
	['order.cancel', 'Cancel order'],
	['order.late', 'Your order is late. We expect it on {date}.'],
	['order.sent', 'Your order is on its way. Follow it by the number {number}.'],
	['order.returned', 'We received your parcel and will pay you back within five days.'],
	['product.back', 'Back in stock on {date}'],
	['product.few', 'Only a few pieces left'],
	['product.rating', '{stars} of 5 stars by {count} customers'],
	['product.review', 'What did you like, and what not?'],
	['product.size', 'Which size do you need?'],
	['search.hint', 'What are you looking for?'],
	['search.none', 'Nothing was found for “{words}”. Please check the spelling.'],
	['search.many', '{count} products were found'],
	['wishlist.add', 'Save for later'],
	['wishlist.move', 'Move to basket'],
	['wishlist.share', 'Share your list with friends'],
];
