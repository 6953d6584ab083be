// The processor and, where libtorch has CUDA, a GPU. Nothing here needs CUDA's headers, so that the same sources
// compile against every libtorch.

#include "Device.h"

#if CTORCH_HAS_LIBTORCH

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <dlfcn.h>

#include <string>

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace ct {

static_assert(static_cast<int>(at::kCPU) == CT_CPU && static_cast<int>(at::kCUDA) == CT_CUDA,
              "ct_device has c10::DeviceType's numbers");

// Whether kernels are left out on the processor too; see ct_set_composing.
static thread_local bool composing = false;

at::Device place(ct_device device) {
  if (device == CT_CUDA) {
    // As on the processor float32 means float32, not TF32's ten bits. Shapes are few, so the fastest kernels are found
    // by trying.
    [[maybe_unused]] static const bool prepared = [] {
      auto &context = at::globalContext();
      context.setFloat32Precision(at::Float32Backend::CUDA, at::Float32Op::CONV, at::Float32Precision::IEEE);
      context.setBenchmarkCuDNN(true);
      return true;
    }();
  }
  return at::Device(static_cast<at::DeviceType>(device));
}

bool has_kernels(const at::Tensor &tensor) { return tensor.is_cpu() && !composing; }

at::Tensor moved(const at::Tensor &tensor, at::Device device) {
  // Copies from memory that is not pinned wait until the device has nothing left to do. Pinned memory is dear, so it is
  // for what moves while the device works.
  constexpr size_t few_bytes = 1 << 20;
  if (tensor.is_cpu() && device.is_cuda() && tensor.nbytes() <= few_bytes)
    return tensor.pin_memory().to(device, /*non_blocking=*/true);
  return tensor.to(device);
}

}  // namespace ct

int ct_device_count(ct_device device) {
  const auto type = static_cast<at::DeviceType>(device);
  return c10::impl::hasDeviceGuardImpl(type) ? c10::impl::getDeviceGuardImpl(type)->deviceCount() : -1;
}

const char *ct_gpu_name() {
  static const std::string name = [] {
    // From the driver, which libtorch has loaded and initialised if there is a GPU.
    char text[256] = "";
    void *driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
    if (!driver) return std::string();
    const auto get = reinterpret_cast<int (*)(int *, int)>(dlsym(driver, "cuDeviceGet"));
    const auto get_name = reinterpret_cast<int (*)(char *, int, int)>(dlsym(driver, "cuDeviceGetName"));
    int first = 0;
    const bool known = get && get_name && get(&first, 0) == 0 && get_name(text, sizeof text, first) == 0;
    dlclose(driver);
    return std::string(known ? text : "");
  }();
  return name.c_str();
}

bool ct_has_bfloat16(ct_device device) {
  if (device == CT_CUDA) return at::detail::getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8();
#if defined(__x86_64__)
  // Intel's instruction without AMX multiplies no more numbers a cycle than float32's, and what is converted and laid
  // out anew for it costs more than the memory that it saves.
  return __builtin_cpu_supports("amx-bf16") || (__builtin_cpu_supports("avx512bf16") && __builtin_cpu_is("amd"));
#elif defined(__aarch64__) && defined(__linux__)
  return (getauxval(AT_HWCAP2) & (1UL << 14)) != 0;  // HWCAP2_BF16
#else
  return false;
#endif
}

int ct_device_of(ct_tensor tensor) { return static_cast<int>(ct::get(tensor).device().type()); }

int ct_to_device(ct_tensor tensor, ct_device device, ct_tensor *out) {
  return ct::producing(out, [&] { return ct::moved(ct::get(tensor), ct::place(device)); });
}

bool ct_set_composing(bool enabled) {
  const bool before = ct::composing;
  ct::composing = enabled;
  return before;
}

#endif
