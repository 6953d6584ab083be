import TestSupport
import Testing
import Torch

@Suite("Tensors hold, rearrange and combine numbers", .leavesNoTensors)
struct TensorTests {
  @Test func `values come back as they went in, whatever the type`() {
    #expect(Tensor([1.5, -2] as [Double]).array() == [1.5, -2])
    #expect(Tensor([3, 4] as [Int64]).array() == [Int64(3), 4])
    #expect(Tensor([7, 255] as [UInt8]).array(of: Int64.self) == [7, 255])
    #expect(Tensor([true, false]).array() == [true, false])
    #expect(Tensor([] as [Float], shape: [0, 3]).shape == [0, 3])
  }

  @Test func `bytes keep a tensor exactly, also one that is not row-major`() {
    let tensor = Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    let transposed = tensor.transposed
    let copy = Tensor(bytes: transposed.bytes, elementType: .float32, shape: [3, 2])
    #expect(copy.array() == [Float(1), 4, 2, 5, 3, 6])
  }

  @Test func `whole numbers stay whole under arithmetic with numbers`() {
    let rows = Tensor([1, 2] as [Int64]) * 40 + 3
    #expect(rows.elementType == .int64)
    #expect(rows.array() == [Int64(43), 83])
  }

  @Test func `slices are views, rows are copies`() {
    let tensor = Tensor.zeros([3, 2], .float64)
    let rows = tensor.rows(Tensor([1] as [Int64]))
    tensor.slice(1..<2).add(.ones([1, 2], .float64))
    #expect(tensor.array() == [0.0, 0, 1, 1, 0, 0])
    #expect(rows.array() == [0.0, 0])
  }

  @Test func `a product is added in place`() {
    let target = Tensor.ones([2, 2], .float64)
    let a = Tensor([1, 2] as [Double], shape: [2, 1])
    target.addProduct(a, a.transposed, keep: 10, scale: 0.5)
    #expect(target.array() == [10.5, 11, 11, 12])
  }

  @Test func `eigenvalues fall and eigenvectors are rows`() {
    let matrix = Tensor([2, 1, 1, 2] as [Double], shape: [2, 2])
    let (values, vectors) = matrix.symmetricEigen()
    #expect(relativeError(values.array(), [3, 1]) < 1e-14)
    #expect(relativeError(vectors.matmul(matrix).select(0).array(), (vectors.select(0) * 3).array()) < 1e-14)
  }

  @Test func `concatenation and order`() {
    let tensor = Tensor([3, 1, 2] as [Double], shape: [1, 3])
    #expect(Tensor.concatenated([tensor, tensor], dimension: 1).array() == [3.0, 1, 2, 3, 1, 2])
    #expect(tensor.sortingOrder().array() == [Int64(1), 2, 0])
    #expect(tensor.argmax(dimension: 1).item(Int64.self) == 0)
  }

  @Test func `the smallest of each row, and the median`() {
    let tensor = Tensor([4, 1, 3, 2, 9, 8, 7, 6] as [Double], shape: [2, 4])
    let (values, places) = tensor.smallest(2)
    #expect(values.array() == [1.0, 2, 6, 7] && places.array() == [Int64(1), 3, 3, 2])
    #expect(tensor.median(dimension: 1).array() == [2.0, 7])
    #expect(tensor.slice(0..<3, dimension: 1).median(dimension: 1).array() == [3.0, 8])
  }

  @Test func `distances keep small differences of large numbers, unless they go through a product`() {
    let a = Tensor([1000, 1000, 1000, 1001] as [Float], shape: [2, 2])
    let b = Tensor([1000, 1000.25, 1003, 1004] as [Float], shape: [2, 2])
    #expect(a.distances(to: b).array() == [Float(0.25), 5, 0.75, Float(18).squareRoot()])
    let exact = a.to(.float64).distances(to: b.to(.float64), throughProduct: true)
    #expect(relativeError(exact.array(), [0.25, 5, 0.75, (18.0).squareRoot()]) < 1e-8)
  }
}

@Suite("Random numbers follow from a seed and a purpose", .leavesNoTensors)
struct RandomGeneratorTests {
  @Test func `the same path gives the same numbers, another path others`() {
    func draw(_ seed: UInt64, _ epoch: Int) -> [Double] {
      RandomGenerator(seed: seed, "order", epoch).normal([8], .float64).array()
    }
    #expect(draw(1, 2) == draw(1, 2))
    #expect(draw(1, 2) != draw(1, 3))
    #expect(draw(1, 2) != draw(2, 2))
  }

  @Test func `a permutation names every row once`() {
    let rows = RandomGenerator(seed: 5, "order").permutation(100).array(of: Int64.self)
    #expect(rows.sorted() == Array(0..<100))
    #expect(rows != Array(0..<100))
  }

  @Test func `integers fill their range`() {
    let drawn = RandomGenerator(seed: 5, "crop").integers(in: 3..<6, [300]).array(of: Int64.self)
    #expect(Set(drawn) == [3, 4, 5])
  }
}
