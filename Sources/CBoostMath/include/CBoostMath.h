// Distribution functions of Boost.Math behind a few C functions. Its exceptions end here: every function returns 0 on
// success, or a non-zero status and a message in `error`. Tails are computed as tails, never as 1 - p.
#ifndef CBOOSTMATH_H
#define CBOOSTMATH_H

#ifdef __cplusplus
extern "C" {
#endif

enum { CBOOST_ERROR_LENGTH = 200 };

typedef enum { CBOOST_LOWER = 0, CBOOST_UPPER = 1 } cboost_tail;

int cboost_normal_tail(double x, cboost_tail tail, double *out, char error[CBOOST_ERROR_LENGTH]);
int cboost_normal_quantile(double probability, double *out, char error[CBOOST_ERROR_LENGTH]);

int cboost_t_tail(double t, double freedom, cboost_tail tail, double *out, char error[CBOOST_ERROR_LENGTH]);
int cboost_t_quantile(double probability, double freedom, double *out, char error[CBOOST_ERROR_LENGTH]);

// Student's t of a variable whose mean is `noncentrality` standard errors away from 0.
int cboost_noncentral_t_tail(double t, double freedom, double noncentrality, cboost_tail tail, double *out,
                             char error[CBOOST_ERROR_LENGTH]);

int cboost_f_tail(double f, double freedom_above, double freedom_below, cboost_tail tail, double *out,
                  char error[CBOOST_ERROR_LENGTH]);

int cboost_beta_quantile(double probability, double alpha, double beta, double *out, char error[CBOOST_ERROR_LENGTH]);

// At most `successes` of `trials`, or with CBOOST_UPPER more than that.
int cboost_binomial_tail(double successes, double trials, double chance, cboost_tail tail, double *out,
                         char error[CBOOST_ERROR_LENGTH]);

#ifdef __cplusplus
}
#endif

#endif
