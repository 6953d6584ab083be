//  What is known of the linked libtorch and the processor it runs on.

internal import CTorch

/// The linked libtorch.
public enum Library {
  /// Such as "2.13.0".
  public static var version: String { String(cString: ct_version()) }
  /// The vector instructions that its kernels use, such as "AVX512".
  public static var processorCapability: String { String(cString: ct_cpu_capability()) }

  /// Threads that one operation may use. One thread makes runs repeatable to the byte.
  public static var threads: Int {
    get { Int(ct_threads()) }
    set { check(ct_set_threads(Int32(newValue))) }
  }

  /// Keeps memory that tensors leave for the next ones, instead of handing it back to the system, which would have to
  /// clear it page by page when it is asked for again, several times a second. For a process that computes until it
  /// ends; with an allocator other than glibc's it does nothing.
  public static func keepFreedMemory() { ct_keep_freed_memory() }

  /// Tensors that are alive in this process: a test that ends with more than it began with has leaked.
  public static var liveTensorCount: Int { Int(ct_live_tensors()) }
}
