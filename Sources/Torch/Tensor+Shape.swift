//  Views and rearrangements. Dimensions count from 0; negative ones from the end.

internal import CTorch

extension Tensor {
  /// The same values in another shape; one extent may be −1.
  public func reshaped(_ shape: [Int]) -> Tensor {
    .made { ct_reshape(handle, shape.int64, shape.count, $0) }
  }

  public func permuted(_ order: [Int]) -> Tensor {
    .made { ct_permute(handle, order.int64, order.count, $0) }
  }

  /// The transpose of a matrix.
  public var transposed: Tensor { permuted([1, 0]) }

  public func unsqueezed(_ dimension: Int) -> Tensor { .made { ct_unsqueeze(handle, Int64(dimension), $0) } }

  /// A view of one index of a dimension, which goes away.
  public func select(_ index: Int, dimension: Int = 0) -> Tensor {
    .made { ct_select(handle, Int64(dimension), Int64(index), $0) }
  }

  /// A view of a range of a dimension.
  public func slice(_ range: Range<Int>, dimension: Int = 0) -> Tensor {
    .made { ct_slice(handle, Int64(dimension), Int64(range.lowerBound), Int64(range.upperBound), $0) }
  }

  /// A copy of the rows that `indices` (64-bit integers) names.
  public func rows(_ indices: Tensor, dimension: Int = 0) -> Tensor {
    .made { ct_index_select(handle, Int64(dimension), indices.handle, $0) }
  }

  public static func concatenated(_ tensors: [Tensor], dimension: Int = 0) -> Tensor {
    .made { ct_concatenate(handles(tensors), tensors.count, Int64(dimension), $0) }
  }

  /// The same values with the elements of a row of pixels side by side, channels innermost (for N×C×H×W).
  public var channelsLast: Tensor { .made { ct_channels_last(handle, $0) } }
}
