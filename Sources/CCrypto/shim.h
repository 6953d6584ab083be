// Digests from OpenSSL, as the system has it.
#if !__has_include(<openssl/sha.h>)
#error "OpenSSL's headers are missing: run 'make setup', or 'apt-get install libssl-dev'."
#else
#include <openssl/evp.h>
#include <openssl/sha.h>
#endif
