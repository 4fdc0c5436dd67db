"""Makes everything in this folder anew: see README.md for what it needs, and for what lies where."""

import bytelevels
import corpus
import expect
import folders
import odd
import unigrams
import wordpieces

if __name__ == "__main__":
    for step in (wordpieces, bytelevels, unigrams, odd, folders, corpus):
        step.main()
    expect.main([])
