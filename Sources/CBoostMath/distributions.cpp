#include "CBoostMath.h"

#if !__has_include(<boost/math/distributions/students_t.hpp>)
#error "Boost.Math is missing: run 'make setup', or 'apt-get install libboost-math-dev'."
#else

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cstdio>
#include <exception>

namespace {

// In double throughout: long double is another type on other processors, and would give other last digits.
using policy = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

template <typename Body>
int guarded(double *out, char *error, Body &&body) noexcept {
  try {
    *out = body();
    return 0;
  } catch (const std::exception &exception) {
    std::snprintf(error, CBOOST_ERROR_LENGTH, "%s", exception.what());
  } catch (...) {
    std::snprintf(error, CBOOST_ERROR_LENGTH, "an unknown C++ exception");
  }
  return 1;
}

template <typename Distribution>
double in_tail(const Distribution &distribution, double x, cboost_tail tail) {
  return tail == CBOOST_UPPER ? cdf(complement(distribution, x)) : cdf(distribution, x);
}

}  // namespace

int cboost_normal_tail(double x, cboost_tail tail, double *out, char error[CBOOST_ERROR_LENGTH]) {
  return guarded(out, error, [&] { return in_tail(boost::math::normal_distribution<double, policy>(), x, tail); });
}

int cboost_normal_quantile(double probability, double *out, char error[CBOOST_ERROR_LENGTH]) {
  return guarded(out, error, [&] { return quantile(boost::math::normal_distribution<double, policy>(), probability); });
}

int cboost_t_tail(double t, double freedom, cboost_tail tail, double *out, char error[CBOOST_ERROR_LENGTH]) {
  return guarded(
      out, error, [&] { return in_tail(boost::math::students_t_distribution<double, policy>(freedom), t, tail); });
}

int cboost_t_quantile(double probability, double freedom, double *out, char error[CBOOST_ERROR_LENGTH]) {
  return guarded(
      out, error, [&] { return quantile(boost::math::students_t_distribution<double, policy>(freedom), probability); });
}

int cboost_noncentral_t_tail(double t, double freedom, double noncentrality, cboost_tail tail, double *out,
                             char error[CBOOST_ERROR_LENGTH]) {
  return guarded(out, error, [&] {
    return in_tail(boost::math::non_central_t_distribution<double, policy>(freedom, noncentrality), t, tail);
  });
}

int cboost_f_tail(double f, double freedom_above, double freedom_below, cboost_tail tail, double *out,
                  char error[CBOOST_ERROR_LENGTH]) {
  return guarded(out, error, [&] {
    return in_tail(boost::math::fisher_f_distribution<double, policy>(freedom_above, freedom_below), f, tail);
  });
}

int cboost_beta_quantile(double probability, double alpha, double beta, double *out, char error[CBOOST_ERROR_LENGTH]) {
  return guarded(out, error, [&] {
    return quantile(boost::math::beta_distribution<double, policy>(alpha, beta), probability);
  });
}

int cboost_binomial_tail(double successes, double trials, double chance, cboost_tail tail, double *out,
                         char error[CBOOST_ERROR_LENGTH]) {
  return guarded(out, error, [&] {
    return in_tail(boost::math::binomial_distribution<double, policy>(trials, chance), successes, tail);
  });
}

#endif
