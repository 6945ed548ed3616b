/* What building and printing facts share. */
#ifndef FACTS_INTERNAL_H
#define FACTS_INTERNAL_H

enum kind { OBJECT, LIST, TEXT, WORD }; /* WORD: a number, true or false: no quotes in JSON */

#endif
