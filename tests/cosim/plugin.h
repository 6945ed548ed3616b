/* "plugin:PATH" or "plugin:PATH?ARGUMENTS": the engine that the shared object PATH exports as
 * fb_model_open. The mutants of the model are such objects, so that the model itself stays in the
 * program as the reference. Any other URI opens the engine itself. */
#ifndef COSIM_PLUGIN_H
#define COSIM_PLUGIN_H

#include <firebreak/engine.h>

int plugin_engine_open(const char *uri, struct fb_engine **out, struct fb_error *error);

#endif
