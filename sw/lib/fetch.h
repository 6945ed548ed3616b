/* Memory is asked for a line ahead of use. */
#ifndef FIREBREAK_FETCH_H
#define FIREBREAK_FETCH_H

/* gcc takes a function that does nothing but this for one without effect, and leaves out the calls
 * of it. The statement without instructions is an effect. */
#define FB_FETCH_COUNTS() __asm__ volatile("")

static inline void fb_fetch(const void *line)
{
	__builtin_prefetch(line);
	FB_FETCH_COUNTS();
}

/* It will be written, too. */
static inline void fb_fetch_to_write(const void *line)
{
	__builtin_prefetch(line, 1);
	FB_FETCH_COUNTS();
}

#endif
