const list = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Things that are counted, bought and given away, in the plural. */
export const things = list(`
apples pears plums shells coins stickers marbles books pens cards stones cookies beads stamps eggs nuts buttons
candles tickets cups plates balloons ribbons keys bells bricks carrots lemons melons onions peaches pencils
posters puzzles spoons tiles tulips roses whistles badges bottles brushes crayons feathers flags gloves hats
jewels kites ladders lamps letters maps masks mugs nails needles notes paddles pins pots robots ropes scarves
socks toys tools trees wheels`);

export const containers = list(
	`boxes bags jars baskets shelves crates packs trays drawers bins bowls buckets cases rows stacks chests tins
	sacks cartons folders`,
);

export const places = list(
	`market school park harbor museum library station garden farm shop castle bakery theater river bridge meadow
	forest village beach tower office kitchen workshop stadium hotel cinema`,
);

export const colors = list('red blue green black white yellow purple orange gray brown pink golden silver');

export const nouns = list(`
anchor angle apron arrow autumn badge ball bank barrel basin basket beam bell bench bird blade blanket boat
bottle branch brick bridge brush bucket button cabin cable camera candle canoe card carpet castle chain chair
chalk channel chart circle clock cloud coat coin column comb compass copper corner cotton crown cup curtain
desk dish door dragon drawer dream drum engine fabric feather fence field filter finger flag flame flask
flower folder forest fork fountain frame garden gate gift glass glove grain guitar hammer handle harbor hat
heart helmet hill hinge hook horn horse island jacket jar jewel kettle key kite knife knot label ladder lake
lamp lantern leaf lemon lens letter level lever lion list lock loop machine magnet map marble mask match
meadow mirror model moon motor mountain mouse nail needle nest net note number ocean orchard organ oven
packet page paint palace paper parcel pearl pebble pencil pepper piano picture pillow pilot pipe planet plate
pocket poem poster powder puzzle rabbit radio rain ribbon ring river road robot rocket roof room rope rose
saddle sail salt sand scale school screen sentence shadow shelf shell ship shirt shoe signal silk sister sky
snow soap song spoon spring square stair star stone story street string sugar summer sword table tail target
temple tent thread ticket tiger timber token tool tower train tray tree trumpet tunnel turtle valley vase
velvet vessel violin wagon wall watch water wave wheel whistle window winter wire wolf wood yard zebra`);

export const adjectives = list(`
big bold brave bright broken calm careful cheap clean clever cold cool curly dark deep dry early empty fast
final first flat fresh full gentle grand great happy heavy hidden high hollow hot huge kind large last late lazy
light little local long loud lucky main narrow neat new nice noisy odd old open plain pretty proud quick quiet
rare ready rich round rough safe sharp short shy simple slow small smooth soft solid spare steep strong sweet
tall tame thick thin tiny tired total warm weak wet wide wild wise young`);

/** First words of identifiers. */
export const verbs = list('get set make find add count read load show sort check draw move keep pack send');
