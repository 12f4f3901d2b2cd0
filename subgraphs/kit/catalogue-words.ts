/** Data: what the seeded shop sells. One entry per category; `c-1` is the first. */

/** The words and ranges from which the products of one category are made. */
export interface CategoryWords {
  readonly name: string
  /** Begins the SKU. */
  readonly code: string
  readonly description: string
  /** Hue of its pictures, in degrees. */
  readonly hue: number
  /** Lowest and highest price in whole euros, weight in grams, and the varieties that there are. */
  readonly things: readonly (readonly [
    name: string,
    euros: number,
    toEuros: number,
    grams: number,
    varieties: string,
  ])[]
  readonly sentences: readonly string[]
}

export const CATEGORIES: readonly CategoryWords[] = [
  {
    name: 'Coffee & Tea',
    code: 'COF',
    description: 'Everything between the bean and the first sip.',
    hue: 24,
    things: [
      ['Pour-Over Kettle', 39, 119, 1100, 'Gooseneck, Copper, Matte Black, Variable-Temperature'],
      ['Burr Grinder', 59, 249, 2400, 'Barista, Conical, Quiet, Hand-Cranked'],
      ['French Press', 19, 69, 850, 'Borosilicate, Double-Wall, Slow Morning, Stoneware'],
      ['Espresso Cup Set', 18, 54, 900, 'Stoneware, Porcelain, Double-Wall, Speckled'],
      ['Teapot', 24, 89, 950, 'Cast-Iron, Stoneware, Borosilicate, Highland'],
      ['Coffee Beans 1 kg', 14, 34, 1050, 'Highland, Single-Origin, Dark-Roast, Decaf, House-Blend'],
    ],
    sentences: ['Warms the hands before it warms you.', 'Made for people who measure their water.'],
  },
  {
    name: 'Kitchen',
    code: 'KIT',
    description: 'Tools that earn their place on the hook.',
    hue: 8,
    things: [
      ['Chef Knife', 29, 189, 260, 'Forged, Damascus, Carbon-Steel, Everyday'],
      ['Cast-Iron Pan', 34, 129, 2900, 'Enamelled, Pre-Seasoned, Deep, Classic'],
      ['Cutting Board', 19, 79, 1600, 'Walnut, Olive-Wood, End-Grain, Bamboo'],
      ['Mixing Bowl Set', 22, 64, 1400, 'Stainless, Nesting, Stoneware, Brigade'],
      ['Stockpot 8 l', 39, 149, 2700, 'Stainless, Enamelled, Induction, Nonna'],
      ['Pepper Mill', 17, 59, 380, 'Olive-Wood, Walnut, Ceramic, Brass'],
    ],
    sentences: ['Gets better with every meal.', 'One good piece instead of five drawers.'],
  },
  {
    name: 'Audio',
    code: 'AUD',
    description: 'Headphones, speakers and the cables between them.',
    hue: 262,
    things: [
      ['Over-Ear Headphones', 79, 399, 280, 'Noise-Cancelling, Open-Back, Studio, Wireless'],
      ['In-Ear Headphones', 29, 249, 60, 'Wireless, Lossless, Sport, Pocket'],
      ['Bookshelf Speaker', 119, 649, 5200, 'Reference, Walnut, Active, Compact'],
      ['Bluetooth Speaker', 39, 229, 740, 'Waterproof, Pocket, Midnight, 360°'],
      ['Turntable', 149, 799, 6100, 'Analog, Belt-Drive, Reference, Walnut'],
      ['USB Microphone', 59, 199, 620, 'Studio, Podcast, Cardioid, Midnight'],
    ],
    sentences: ['Voices sit where the singer stood.', 'Tuned by ear, checked by measurement.'],
  },
  {
    name: 'Desk & Office',
    code: 'DSK',
    description: 'For the hours between two meetings.',
    hue: 208,
    things: [
      ['Mechanical Keyboard', 69, 229, 980, 'Low-Profile, Tactile, Silent, Compact'],
      ['Desk Lamp', 34, 149, 1700, 'Dimmable, Architect, Aluminium, Clamp-On'],
      ['Monitor Arm', 49, 169, 3200, 'Gas-Spring, Dual, Aluminium, Heavy-Duty'],
      ['Notebook A5', 8, 24, 310, 'Dot-Grid, Linen-Bound, Ruled, Recycled'],
      ['Fountain Pen', 19, 149, 40, 'Brass, Piston, Matte Black, Demonstrator'],
      ['Laptop Stand', 29, 99, 1200, 'Aluminium, Oak, Foldable, Height-Adjustable'],
    ],
    sentences: ['Stays where you put it.', 'Quiet enough for a shared room.'],
  },
  {
    name: 'Outdoor',
    code: 'OUT',
    description: 'Gear for a night out, in the literal sense.',
    hue: 132,
    things: [
      ['Tent', 129, 699, 3100, 'Two-Person, Ultralight, Storm, Fjord'],
      ['Sleeping Bag', 59, 389, 1450, 'Three-Season, Down, Alpine, Ultralight'],
      ['Trekking Backpack', 69, 279, 1600, 'Ridge, Ultralight, 45-Litre, Fjord'],
      ['Camping Stove', 29, 149, 420, 'Packable, Storm, Titanium, Two-Burner'],
      ['Headlamp', 19, 99, 95, 'Rechargeable, Ridge, Ultralight, Red-Light'],
      ['Water Filter', 29, 119, 210, 'Packable, Gravity, Alpine, Inline'],
    ],
    sentences: ['Tested where the path ends.', 'Folds back into its bag at the first try.'],
  },
  {
    name: 'Cycling',
    code: 'CYC',
    description: 'Parts and clothing for every road.',
    hue: 176,
    things: [
      ['Helmet', 39, 249, 290, 'Aero, Commuter, Gravel, Folding'],
      ['Pannier Bag', 49, 169, 950, 'Waterproof, Roll-Top, Touring, Recycled'],
      ['Bike Light Set', 24, 129, 180, 'Rechargeable, Commuter, Daylight, Compact'],
      ['Floor Pump', 29, 99, 1800, 'Steel, High-Volume, Digital, Workshop'],
      ['Saddle', 39, 189, 340, 'Leather, Gel, Touring, Carbon'],
      ['Rain Jacket', 59, 229, 260, 'Reflective, Packable, Commuter, Breathable'],
    ],
    sentences: ['Seen from far, forgotten while riding.', 'Mounts without a tool.'],
  },
  {
    name: 'Home Textiles',
    code: 'TEX',
    description: 'Linen, wool and cotton for every room.',
    hue: 338,
    things: [
      ['Bed Linen Set', 49, 189, 1700, 'Stonewashed, Organic, Percale, Indigo'],
      ['Wool Blanket', 59, 219, 1500, 'Herringbone, Merino, Heather, Fringed'],
      ['Bath Towel', 14, 49, 620, 'Waffle, Organic, Hammam, Quick-Dry'],
      ['Cushion Cover', 12, 44, 190, 'Linen, Velvet, Block-Print, Indigo'],
      ['Table Runner', 18, 59, 240, 'Linen, Embroidered, Sand, Jacquard'],
      ['Curtain Pair', 39, 159, 1900, 'Linen, Blackout, Sheer, Velvet'],
    ],
    sentences: ['Softer after each wash.', 'Woven in a mill that has a name.'],
  },
  {
    name: 'Lighting',
    code: 'LIT',
    description: 'Lamps for reading, cooking and long evenings.',
    hue: 46,
    things: [
      ['Pendant Lamp', 69, 329, 2300, 'Paper, Smoked-Glass, Brass, Opal'],
      ['Floor Lamp', 79, 399, 5800, 'Arc, Tripod, Brass, Reading'],
      ['Table Lamp', 34, 189, 1500, 'Opal, Ceramic, Cordless, Mushroom'],
      ['LED Bulb E27', 6, 24, 70, 'Warm-White, Dimmable, Filament, Smart'],
      ['Wall Lamp', 39, 179, 1300, 'Swing-Arm, Brass, Opal, Outdoor'],
      ['Lantern', 24, 99, 1100, 'Harbour, Solar, Brass, Rattan'],
    ],
    sentences: ['Light without glare.', 'Bright where you look, gentle where you do not.'],
  },
  {
    name: 'Garden',
    code: 'GRD',
    description: 'For balconies, beds and the shed.',
    hue: 96,
    things: [
      ['Pruning Shears', 16, 79, 250, 'Bypass, Ash-Handled, Forged, Ratchet'],
      ['Watering Can', 18, 69, 900, 'Galvanised, Copper, Long-Spout, Balcony'],
      ['Raised Bed', 59, 249, 14500, 'Larch, Galvanised, Stackable, Balcony'],
      ['Seed Collection', 9, 29, 80, 'Heirloom, Cottage, Wildflower, Kitchen-Herb'],
      ['Garden Chair', 49, 229, 6400, 'Teak, Folding, Bistro, Adirondack'],
      ['Hand Trowel', 11, 39, 300, 'Ash-Handled, Forged, Stainless, Narrow'],
    ],
    sentences: ['Outlives the fence.', 'Sharp today, and easily sharpened tomorrow.'],
  },
  {
    name: 'Games & Puzzles',
    code: 'GAM',
    description: 'For rainy afternoons and loud evenings.',
    hue: 290,
    things: [
      ['Strategy Game', 29, 79, 1600, 'Lighthouse, Orbit, Hidden Harbour, Silk Road'],
      ['Jigsaw 1000 Pieces', 14, 34, 780, 'Botanical, Old Masters, Night Sky, City Map'],
      ['Card Game', 9, 24, 220, 'Travel, Two-Player, Pocket, Family'],
      ['Chess Set', 29, 149, 1900, 'Tournament, Walnut, Travel, Magnetic'],
      ['Cooperative Game', 24, 59, 1200, 'Hidden Harbour, Orbit, Deluxe, Forest'],
      ['Wooden Puzzle', 12, 44, 340, 'Burr, Botanical, Japanese, Beech'],
    ],
    sentences: ['Explained in five minutes, replayed for years.', 'Nobody has to sit out.'],
  },
  {
    name: 'Bags & Travel',
    code: 'BAG',
    description: 'From the daily tote to the long-haul case.',
    hue: 226,
    things: [
      ['Cabin Suitcase', 79, 349, 2900, 'Hard-Shell, Expandable, Aluminium, Transit'],
      ['Weekender', 59, 289, 1300, 'Canvas, Waxed, Leather, Overnight'],
      ['Daypack', 39, 169, 720, 'Roll-Top, Canvas, Recycled, Packable'],
      ['Packing Cubes', 19, 59, 310, 'Compression, Recycled, Ultralight, Mesh'],
      ['Toiletry Bag', 14, 64, 180, 'Waxed, Hanging, Canvas, Clear'],
      ['Tote', 12, 89, 260, 'Canvas, Leather, Market, Zipped'],
    ],
    sentences: ['Fits under the seat in front.', 'A pocket for everything, and no pocket too many.'],
  },
  {
    name: 'Wellness',
    code: 'WEL',
    description: 'Small things that make a day easier.',
    hue: 156,
    things: [
      ['Yoga Mat', 24, 119, 1900, 'Cork, Natural-Rubber, Travel, Extra-Thick'],
      ['Foam Roller', 16, 54, 650, 'Grooved, Cork, Short, Deep-Tissue'],
      ['Aroma Diffuser', 24, 89, 480, 'Ceramic, Cedar, Ultrasonic, Stone'],
      ['Natural Soap Set', 9, 29, 420, 'Lavender, Olive, Unscented, Sea-Salt'],
      ['Meditation Cushion', 29, 84, 1700, 'Buckwheat, Round, Kapok, Linen'],
      ['Hot-Water Bottle', 12, 39, 360, 'Knitted, Sheepskin, Soft-Touch, Long'],
    ],
    sentences: ['Ten quiet minutes included.', 'Unscented where you wish it to be.'],
  },
]

/** Names of series, which keep two otherwise equal products apart. */
export const SERIES: readonly string[] = [
  'Alva',
  'Brio',
  'Cala',
  'Dune',
  'Elm',
  'Fara',
  'Gale',
  'Hollis',
  'Isla',
  'Juno',
  'Kite',
  'Luma',
  'Mira',
  'Nord',
  'Otto',
  'Pine',
  'Quill',
  'Rune',
  'Sola',
  'Tarn',
]
