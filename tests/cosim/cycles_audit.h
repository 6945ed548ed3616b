/* How much later a record comes while the audit runs. */
#ifndef COSIM_CYCLES_AUDIT_H
#define COSIM_CYCLES_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

/* Offers marks that tip one row at every phase of an audit, to the core of libfbcore<library>.
 * *plain: cycles from the offer to the record without the audit; *latest: the most with it. */
bool audit_delay(unsigned library, uint64_t *plain, uint64_t *latest);

#endif
