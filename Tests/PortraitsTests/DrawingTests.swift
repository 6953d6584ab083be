//  A portrait's pixels depend on its seed, its index and its factors, and on nothing else.

import Portraits
import Raster
import Testing

@Suite("A portrait follows from seed and index alone")
struct DrawingTests {
  @Test("is the same bytes when drawn again and in another order")
  func repeatable() {
    let forwards = (0..<40).map { Portrait(seed: 3, index: $0).image() }
    let backwards = (0..<40).reversed().map { Portrait(seed: 3, index: $0).image() }
    #expect(forwards == backwards.reversed())
  }

  @Test("is the same bytes on several threads at once")
  func concurrent() async {
    let expected = (0..<40).map { Portrait(seed: 3, index: $0).image() }
    await withTaskGroup(of: (Int, Image).self) { group in
      for index in 0..<40 { group.addTask { (index, Portrait(seed: 3, index: index).image()) } }
      for await (index, image) in group { #expect(image == expected[index]) }
    }
  }

  @Test("differs between seeds, and between indices of one class")
  func different() {
    let portraits = [
      Portrait(seed: 0, index: 0), Portrait(seed: 1, index: 0), Portrait(seed: 0, index: 10),
      Portrait(seed: 0, index: 1 << 40 + 8),
    ]
    for (number, portrait) in portraits.enumerated() {
      for other in portraits[(number + 1)...] {
        #expect(portrait.factors != other.factors)
        #expect(portrait.image() != other.image())
      }
    }
  }

  @Test("shows each of the ten animals once in any ten neighbours", arguments: [0, 7, 12_345, 1 << 40])
  func balanced(start: Int) {
    let animals = (start..<start + 10).map { Portrait(seed: 0, index: $0).animal }
    #expect(Set(animals).count == 10)
    #expect(animals.allSatisfy { animal in Animal.allCases.contains(animal) })
  }

  @Test("has the size that is asked for, and is the same scene at each")
  func sizes() {
    for index in 0..<10 {
      let portrait = Portrait(seed: 5, index: index)
      let (small, large) = (portrait.image(size: 32), portrait.image(size: 128))
      #expect((large.width, large.height) == (128, 128))
      // The large picture's 4 × 4 blocks average to the small one's pixels, but for edges and the noise, which
      // alone makes a mean difference of 12.
      #expect(meanDifference(small, reduced(large, by: 4)) < 20)
    }
  }

  @Test("looks different for each animal with the same factors")
  func animals() {
    let images = Animal.allCases.map { Portrait(animal: $0, factors: Factors()).image() }
    for (number, image) in images.enumerated() {
      for other in images[(number + 1)...] { #expect(meanDifference(image, other) > 3) }
    }
  }
}
