/* An engine that lies, to see that the checker notices. URI: "faulty:KIND,INNER-URI", e.g.
 * "faulty:drop,model:". Any other URI goes to plugin_engine_open. */
#ifndef COSIM_FAULTY_H
#define COSIM_FAULTY_H

#include <firebreak/engine.h>

int faulty_engine_open(const char *uri, struct fb_engine **out, struct fb_error *error);

/* Names of the kinds, ended by NULL. */
extern const char *const faulty_kinds[];

#endif
