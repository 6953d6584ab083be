import TestSupport
import Testing
import Torch

@Suite("Gradients are values, and steps follow them", .leavesNoTensors)
struct GradientTests {
  @Test func `the gradient of a sum of squares is twice the point`() {
    let x = Tensor([1, -2, 3] as [Double]).requiringGradient()
    let gradients = gradient(of: (x * x).sum(), withRespectTo: [x])
    #expect(gradients[0].array() == [2.0, -4, 6])
  }

  @Test func `cross-entropy of a batch`() {
    // -log(e^2 / (e^2 + e^0 + e^1)) and -log(1/3).
    let logits = Tensor([2, 0, 1, 5, 5, 5] as [Double], shape: [2, 3])
    let losses = logits.crossEntropy(labels: Tensor([0, 2] as [Int64])).array(of: Double.self)
    #expect(relativeError(losses, [0.40760596444438, 1.0986122886681098]) < 1e-13)
  }

  @Test func `nothing is recorded without gradients, and the mode comes back`() {
    let x = Tensor([2] as [Double]).requiringGradient()
    let constant = withoutGradients { x * x }
    let y = x * x + constant
    #expect(gradient(of: y.sum(), withRespectTo: [x])[0].array() == [4.0])
  }

  /// Two steps worked out by hand from the definition: g = 2 + 0.1 w; v = g, then 0.9 v + g; w −= 0.5 (g + 0.9 v).
  @Test func `two steps of descent with Nesterov momentum and weight decay`() {
    let w = Tensor([1] as [Double])
    let v = Tensor.zeros([1], .float64)
    let slope = Tensor([2] as [Double])
    func step(first: Bool) {
      sgdStep(
        parameters: [w], gradients: [slope], velocities: [v], learningRate: 0.5, momentum: 0.9, weightDecay: 0.1,
        nesterov: true, isFirst: first)
    }
    step(first: true)
    // g = 2.1, v = 2.1, w = 1 − 0.5 (2.1 + 1.89)
    #expect(relativeError(w.array(), [-0.995]) < 1e-14)
    step(first: false)
    // g = 1.9005, v = 1.89 + 1.9005 = 3.7905, w = −0.995 − 0.5 (1.9005 + 3.41145)
    #expect(relativeError(w.array(), [-3.650975]) < 1e-14)
  }

  @Test func `descent reaches the bottom of a bowl`() {
    let w = Tensor([3, -4] as [Float]).requiringGradient()
    let v = Tensor.zeros([2])
    for index in 0..<200 {
      let slopes = gradient(of: (w * w).sum(), withRespectTo: [w])
      withoutGradients {
        sgdStep(
          parameters: [w], gradients: slopes, velocities: [v], learningRate: 0.05, momentum: 0.9, weightDecay: 0,
          nesterov: true, isFirst: index == 0)
      }
    }
    #expect(w.array(of: Double.self).allSatisfy { abs($0) < 1e-4 })
  }

  @Test func `gradients laid out otherwise than their weights are taken right`() {
    let w = Tensor([0, 0, 0, 0, 0, 0, 0, 0] as [Float], shape: [1, 2, 2, 2]).channelsLast
    let slope = Tensor([1, 2, 3, 4, 5, 6, 7, 8] as [Float], shape: [1, 2, 2, 2])
    sgdStep(
      parameters: [w], gradients: [slope], velocities: [w * 0], learningRate: 1, momentum: 0, weightDecay: 0,
      nesterov: false, isFirst: true)
    #expect(w.array(of: Double.self) == [-1, -2, -3, -4, -5, -6, -7, -8])
  }
}
