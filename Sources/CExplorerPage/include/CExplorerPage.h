// The files of the explorer's page, compiled into the binary, so that the server opens no file that a request
// names and the program needs no folder beside it.
#ifndef CEXPLORERPAGE_H
#define CEXPLORERPAGE_H

#include <stddef.h>

typedef struct {
  // As requests name it, such as "main.js" or "fonts/Inter-Regular.otf".
  const char *name;
  const unsigned char *bytes;
  size_t size;
} cep_file;

size_t cep_file_count(void);

// File `index` of them, by value; its pointers live as long as the program.
cep_file cep_file_at(size_t index);

#endif
