//  How far the features of a network have collapsed onto their class means, and what is left for ISDA to move: the two
//  are one question, because ISDA's term is made of the very covariances that shrink.

public import Torch

/// The measures of neural collapse of Papyan, Han and Donoho (2020), with the variants that are in use, and the factors
/// that ISDA's term (w_j − w_c)ᵀ Σ_c (w_j − w_c) is made of.
///
/// K is the number of classes that have images, μ_c and Σ_c their means and covariances (divisor n_c), μ_G the plain
/// mean of the μ_c, M the K×A matrix of rows μ_c − μ_G, Σ_B = MᵀM/K, Σ_W = Σ_c n_c Σ_c / N, W the last layer's weights
/// of these classes. With fewer than two classes everything that compares classes is NaN.
public struct NeuralCollapse {
  /// NC1, tr(Σ_B⁺ Σ_W) / K.
  public let nc1: Double
  /// tr Σ_W / tr Σ_B (Tirer et al. 2023): the same question without the inverse.
  public let traceRatio: Double
  /// The mean over pairs of (tr Σ_i + tr Σ_j) / 2|μ_i − μ_j|² (Galanti et al. 2021).
  public let cdnv: Double
  /// NC2, | MMᵀ/|MMᵀ| − E | in Frobenius norms with E = (I − 11ᵀ/K)/√(K−1), the simplex equiangular tight frame; 0 to 2.
  public let frameError: Double
  /// NC2 in two parts: deviation over mean of the lengths |μ_c − μ_G|,
  public let equinorm: Double
  /// and the mean over pairs of |cos(μ_i − μ_G, μ_j − μ_G) + 1/(K−1)|.
  public let equiangularity: Double
  /// NC3, | WMᵀ/|WMᵀ| − E |: the classifier's rows against the class means.
  public let dualityError: Double
  /// NC4, the share of images whose predicted class is that of the nearest μ_c.
  public let nearestMeanAgreement: Double
  /// The mean over classes of tr(P Σ_c)/tr(Σ_c), P the projector on span{w_j − w_c}.
  public let visibleShare: Double
  /// The mean over classes of tr Σ_c.
  public let withinTrace: Double
  /// The mean over pairs of |μ_i − μ_j|.
  public let meanDistance: Double
  /// The mean over pairs of |w_i − w_j|.
  public let weightDistance: Double
  /// The mean over ordered pairs c ≠ j of q_cj = (w_j − w_c)ᵀ Σ_c (w_j − w_c), to which ISDA adds λ/2 of.
  public let term: Double
  /// A Σ q_cj / Σ |w_j − w_c|² tr Σ_c: 1 if the classifier looked in directions of average variance, below it if it has
  /// turned away from the classes' variance.
  public let alignment: Double
  /// The mean over ordered pairs of q_cj / ((w_j − w_c)ᵀ(μ_j − μ_c))²: the variance of a class over the squared distance
  /// of the means, both as the classifier sees them. Unlike the others it does not change when features grow and
  /// weights shrink by the same factor.
  public let marginVariance: Double

  /// - Parameters:
  ///   - moments: of N > 0 features.
  ///   - predictions: the class that the network gives each of them.
  ///   - weight: W, C×A, float64.
  ///
  /// Everything must be finite. Every Σ_c is met as XᵀX/n of the class's centred rows X and never made, so that A may be
  /// large: O(N·K·(A + K)).
  public init(moments: FeatureMoments, predictions: [Int], weight: Tensor) {
    let counts = moments.counts
    let present = counts.indices.filter { counts[$0] > 0 }
    let count = Double(present.count)
    let chosen = Tensor(present.map(Int64.init))
    let (means, rows) = (moments.means.rows(chosen), weight.rows(chosen))
    let centered = means - means.mean([0], keepingDimensions: true)
    let gram = centered.matmul(centered.transposed)
    let basis = classifierSpan(weight: weight)

    // One pass over the classes: their traces, what the classifier sees of them, and MΣ_WMᵀ.
    var (traces, visible, terms, marginVariances): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
    var weighted = 0.0
    let within = Tensor.zeros([present.count, present.count], .float64)
    let total = counts.reduce(0, +)
    for (place, label) in present.enumerated() {
      let features = moments.centered(label)
      func variance(_ scores: Tensor) -> Double { (scores * scores).sum().item(Double.self) / counts[label] }
      let trace = variance(features)
      traces.append(trace)
      visible.append(trace > 0 ? variance(features.matmul(basis.transposed)) / trace : .nan)
      let seen = features.matmul(rows.transposed)
      let gains = seen - seen.slice(place..<place + 1, dimension: 1)
      let products = (gains * gains).mean([0]).array(of: Double.self)
      let differences = rows - rows.slice(place..<place + 1)
      let margins = (differences * (means - means.slice(place..<place + 1))).sum([1]).array(of: Double.self)
      for other in present.indices where other != place {
        terms.append(products[other])
        marginVariances.append(products[other] / (margins[other] * margins[other]))
      }
      weighted += counts[label] / total * trace
      let along = features.matmul(centered.transposed)
      within.addProduct(along.transposed, along, scale: 1 / total)
    }
    func mean(_ values: [Double]) -> Double { values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count) }

    // With M = U S Vᵀ, Σ_B⁺ = K V S⁻² Vᵀ, so tr(Σ_B⁺ Σ_W) = K Σ_k u_kᵀ M Σ_W Mᵀ u_k / s_k⁴.
    let (squares, axes) = gram.symmetricEigen()
    let lengths = squares.array(of: Double.self)
    let along = (axes.matmul(within) * axes).sum([1]).array(of: Double.self)
    let floor = 1e-12 * (lengths.first ?? 0)
    nc1 = count > 1 ? zip(along, lengths).reduce(0) { $1.1 > floor ? $0 + $1.0 / ($1.1 * $1.1) : $0 } : .nan
    let between = mean(lengths)
    traceRatio = weighted / between

    let norms = gram.array(of: Double.self)
    func entry(_ i: Int, _ j: Int) -> Double { norms[i * present.count + j] }
    let weightGram = rows.matmul(rows.transposed).array(of: Double.self)
    func squaredWeightDistance(_ i: Int, _ j: Int) -> Double {
      weightGram[i * present.count + i] + weightGram[j * present.count + j] - 2 * weightGram[i * present.count + j]
    }
    let pairs = present.indices.flatMap { i in (0..<i).map { (i, $0) } }
    func squaredDistance(_ i: Int, _ j: Int) -> Double { entry(i, i) + entry(j, j) - 2 * entry(i, j) }
    cdnv = mean(pairs.map { (traces[$0] + traces[$1]) / 2 / squaredDistance($0, $1) })
    let radii = present.indices.map { entry($0, $0).squareRoot() }
    let radius = mean(radii)
    equinorm = count > 1 ? mean(radii.map { ($0 - radius) * ($0 - radius) }).squareRoot() / radius : .nan
    equiangularity = mean(pairs.map { abs(entry($0, $1) / (radii[$0] * radii[$1]) + 1 / (count - 1)) })
    frameError = NeuralCollapse.distanceToFrame(gram)
    dualityError = NeuralCollapse.distanceToFrame(rows.matmul(centered.transposed))

    let agreeing = zip(moments.nearestMean(among: present), predictions).count { $0 == $1 }
    nearestMeanAgreement = Double(agreeing) / Double(predictions.count)

    visibleShare = mean(visible.filter(\.isFinite))
    withinTrace = mean(traces)
    meanDistance = mean(pairs.map { max(squaredDistance($0, $1), 0).squareRoot() })
    weightDistance = mean(pairs.map { max(squaredWeightDistance($0, $1), 0).squareRoot() })
    term = mean(terms)
    let isotropic = mean(pairs.map { squaredWeightDistance($0, $1) * (traces[$0] + traces[$1]) / 2 })
    alignment = Double(weight.shape[1]) * term / isotropic
    marginVariance = mean(marginVariances)
  }

  /// | S/|S| − (I − 11ᵀ/K)/√(K−1) | for a K×K matrix S.
  private static func distanceToFrame(_ structure: Tensor) -> Double {
    let size = structure.shape[0]
    guard size > 1 else { return .nan }
    let places = Tensor.range(size)
    let identity = places.unsqueezed(0).equals(places.unsqueezed(1)).to(.float64)
    let frame = (identity - 1 / Double(size)) * (1 / Double(size - 1).squareRoot())
    let difference = structure / (structure * structure).sum().squareRoot - frame
    return (difference * difference).sum().squareRoot.item()
  }
}
