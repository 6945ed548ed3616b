/* Reading evidence back, from the JSON a holder was given and from the published rounds.csv. */
#ifndef EVIDENCE_READ_H
#define EVIDENCE_READ_H

#include <firebreak/evidence.h>

#include "json.h"
#include "merkle.h"

struct fb_evidence_read {
	const struct fb_json *json;
	uint32_t at; /* node that errors name */
	struct fb_error *error;
};

struct fb_evidence_proof {
	struct fb_evidence_leaf leaf;
	struct fb_merkle_path path;
};

/* -EBADMSG, and where. */
int fb_evidence_bad(const struct fb_evidence_read *read, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Each returns 0, or an error that names the place. `node`: the object that holds link, leaf,
 * opening, path. */
int fb_evidence_read_link(struct fb_evidence_read *read, uint32_t node,
			  struct fb_evidence_link *out);
int fb_evidence_read_leaf(struct fb_evidence_read *read, uint32_t leaf, uint32_t holds_path,
			  struct fb_evidence_proof *out);
int fb_evidence_read_opening(struct fb_evidence_read *read, uint32_t node,
			     struct fb_evidence_opening *out);

/* What people read must be what was hashed. */
int fb_evidence_read_text(struct fb_evidence_read *read, uint32_t object, const char *key,
			  const char *expected);

/* The published chain, every link checked. */
struct fb_chain {
	uint8_t (*link)[32]; /* of number i + 1 */
	uint64_t links, links_max;
};
int fb_chain_read(const char *path, struct fb_chain *out, struct fb_error *error);
int fb_chain_holds(const struct fb_evidence_read *read, const struct fb_chain *chain,
		   const struct fb_evidence_link *link);

#endif
