// A work item: what the sequencer broadcasts to the groups. Internal to the core; one bit vector, cut up here.
`ifndef FB_ITEM_VH
`define FB_ITEM_VH

// Kinds. WALK .. HASH_ROWS visit the rows of a symbol; ROW .. COLL touch one account; HASH_ACCOUNTS and SNAPSHOT visit all slots.
`define IK_NOP           4'd0
`define IK_WALK          4'd1  // mark: the rows are worth what u makes of them
`define IK_UNLOAD        4'd2  // rebinding, first pass: the rows are worth nothing
`define IK_LOAD          4'd3  // rebinding, second pass: they are worth what u and the new ladder make of them
`define IK_FUND          4'd4  // funding: u is the magnitude of the rate, sign its sign
`define IK_HASH_ROWS     4'd5
`define IK_ROW           4'd6  // POSITION or FILL
`define IK_ACCOUNT       4'd7
`define IK_COLLATERAL    4'd8
`define IK_HASH_ACCOUNTS 4'd9
`define IK_SNAPSHOT      4'd10
`define IK_CLEAR         4'd11 // forget everything
`define IK_RANK          4'd12 // rank the rows of a symbol, valued with u
`define IK_AUDIT         4'd13 // sum the rows of a symbol for the audit, in the background
`define IK_CLOSE         4'd14 // compare the account of a slot with these sums; look up a threshold
`define IK_KNOWN         4'd15 // a known row

// The lower part travels with an issue to the accounts, the upper part only to the rows. Wide fields start at multiples of 32
// bits: the holes are constant and vanish in hardware, and a simulator moves whole words.
`define IT_KIND       0 +: 4
`define IT_SYNC       4         // raise done when this item is finished
`define IT_DRAIN      5         // last item of a batch: judge, report, then raise done
`define IT_LINK       6
`define IT_UNLINK     7
`define IT_FILL       8         // ROW: keep addend and flags of an existing row
`define IT_REMOVE     9         // ROW: the row goes; ACCOUNT: the account goes
`define IT_SIGN       10        // ROW: quantity is negative; FUND: rate is negative
`define IT_NO_RANK    11
`define IT_HELD       12
`define IT_SET_LEVEL  13
`define IT_ROLE       14 +: 2
`define IT_LEVEL      16 +: 4
`define IT_CLASS      20 +: 4
`define IT_LADDER     24 +: 8
`define IT_SYMBOL     32 +: 10
`define IT_KNOWN      42        // the ladder of the known rows
`define IT_OPEN       43        // AUDIT: first of a window, whose slots begin at IT_SLOT
`define IT_PROBE      44        // CLOSE: look up thresholds of IT_CLASS, pass IT_PASS, as if the level were IT_LEVEL; with
                                // IT_FILL at the other port each
`define IT_PASS       45 +: 2
`define IT_PAST       47        // ROW: the audit is past its symbol in this window
`define IT_SLOT_LSB   48
`define IT_SLOT       48 +: 16
`define IT_LANE       64 +: 16
`define IT_STRIPE_LSB 80
`define IT_STRIPE     80 +: 16
`define IT_ACCOUNT    96 +: 32
`define IT_SINGLE_LSB 96        // from here on only ROW, ACCOUNT and COLLATERAL have contents
`define IT_DELTA_SIGN 189
`define IT_DELTA      128 +: 62 // FILL, COLLATERAL: change of collateral; ACCOUNT: collateral
`define IT_ADDEND     192 +: 88
`define IT_ADDEND_SIGN 279
`define IT_LOW        288       // bits of the lower part
`define IT_U          288 +: 52
`define IT_MAG        352 +: 48 // magnitude of the new quantity
`define IT_ENTRY      416 +: 62
`define IT_POSITION   480 +: 32
`define IT_ROW_ADDEND 512 +: 24
`define IT_BITS       544

// What a command is, a bit for each opcode: the sequencer decodes it as it takes the word.
`define IS_MARKS      0
`define IS_POSITION   1
`define IS_FILL       2
`define IS_ACCOUNT    3
`define IS_COLLATERAL 4
`define IS_CLASS      5
`define IS_SYMBOL     6
`define IS_LADDER     7
`define IS_FUNDING    8
`define IS_RANK       9
`define IS_AUDIT      10
`define IS_HASH       11
`define IS_SNAPSHOT   12
`define IS_FENCE      13
`define IS_RESET      14
`define IS_BITS       15

// Account state as it travels through a lane. The first 218 bits are what the judge and a record need.
`define AS_MM       0 +: 96
`define AS_ID       96 +: 32
`define AS_EQUITY   128 +: 72
`define AS_BAD      200 +: 9
`define AS_CLASS    209 +: 4
`define AS_ROLE     213 +: 2
`define AS_HELD     215
`define AS_DAMAGED  216
`define AS_VALID    217
`define AS_FACTS    218
`define AS_ADDEND   218 +: 88
`define AS_COLL     306 +: 72
`define AS_BROKEN   378         // damaged by a memory fault: the sums are wrong until the account is removed
`define AS_MAIN     379         // the bits below live in the account RAM, those above in the level RAM
`define AS_LEVEL    379 +: 4
`define AS_UNKNOWN  383
`define AS_BITS     384

// What a lane says of a level change: the facts, the level now and the one before.
`define LR_LEVEL    218 +: 4
`define LR_BEFORE   222 +: 4
`define LR_BITS     226

// What a lane shows of a row to the rank.
`define RR_VALID    0
`define RR_SIGN     1
`define RR_MAG      2 +: 48
`define RR_ENTRY    50 +: 62
`define RR_POSITION 112 +: 32
`define RR_NOTIONAL 144 +: 61
`define RR_MARGIN   205 +: 88
`define RR_BITS     293

// What the audit found of an account: {id, bad rows, MM, equity}, the sums over its rows.
`define AF_EQUITY   0 +: 72
`define AF_MM       72 +: 96
`define AF_BAD      168 +: 9
`define AF_ID       177 +: 32
`define AF_BITS     209

// A nominee on its way out: {account, position, key, sign, magnitude, entry, equity}.
`define NO_EQUITY   0 +: 72
`define NO_ENTRY    72 +: 62
`define NO_MAG      134 +: 48
`define NO_SIGN     182
`define NO_KEY      183 +: 30
`define NO_POSITION 213 +: 32
`define NO_ACCOUNT  245 +: 32
`define NO_BITS     277

`endif
